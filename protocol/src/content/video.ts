import Type from 'typebox'
import { Bytes, type ContentType, longKeys, Mime, Pixels, Seconds, Url } from './type.ts'

export const Video = Type.Object({
  url: Url,
  duration: Type.Optional(Seconds),
  width: Type.Optional(Pixels),
  height: Type.Optional(Pixels),
  size: Type.Optional(Bytes),
  mime: Type.Optional(Mime),
  thumbnail: Type.Optional(Url),
})

export const video: ContentType = {
  name: 'video',
  number: 3,
  openim: 104,
  key: 'video',
  schema: Video,
  flat: 'url',
  long: longKeys('video', ['url', 'duration', 'width', 'height', 'size', 'mime', 'thumbnail']),
  urls: ['url', 'thumbnail'],
  preview: () => '[video]',
}
