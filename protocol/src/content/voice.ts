import Type from 'typebox'
import { Bytes, type ContentType, longKeys, Mime, Seconds, Url } from './type.ts'

export const Voice = Type.Object({
  url: Url,
  duration: Type.Optional(Seconds),
  size: Type.Optional(Bytes),
  mime: Type.Optional(Mime),
  waveform: Type.Optional(
    Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { maxItems: 1024, description: 'Loudness, 0–1.' }),
  ),
})

/** Nexo calls it audio, the OpenIM service plugin voice. */
export const voice: ContentType = {
  name: 'voice',
  number: 4,
  openim: 103,
  key: 'audio',
  schema: Voice,
  flat: 'url',
  long: longKeys('audio', ['url', 'duration', 'size', 'mime', 'waveform']),
  urls: ['url'],
  preview: () => '[voice]',
}
