import Type from 'typebox'
import { Bytes, type ContentType, longKeys, Mime, Pixels, Url } from './type.ts'

export const Image = Type.Object({
  url: Url,
  width: Type.Optional(Pixels),
  height: Type.Optional(Pixels),
  size: Type.Optional(Bytes),
  mime: Type.Optional(Mime),
  thumbnail: Type.Optional(Url),
})

export const image: ContentType = {
  name: 'image',
  number: 2,
  openim: 102,
  key: 'image',
  schema: Image,
  flat: 'url',
  long: longKeys('image', ['url', 'width', 'height', 'size', 'mime', 'thumbnail']),
  urls: ['url', 'thumbnail'],
  preview: () => '[image]',
}
