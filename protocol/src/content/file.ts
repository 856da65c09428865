import Type from 'typebox'
import { Bytes, type ContentType, longKeys, Mime, Url } from './type.ts'

export const File = Type.Object({
  url: Url,
  name: Type.Optional(Type.String({ maxLength: 512 })),
  size: Type.Optional(Bytes),
  mime: Type.Optional(Mime),
  hash: Type.Optional(Type.String({ maxLength: 128 })),
})

export const file: ContentType = {
  name: 'file',
  number: 5,
  openim: 105,
  key: 'file',
  schema: File,
  flat: 'url',
  long: longKeys('file', ['url', 'name', 'size', 'mime', 'hash']),
  urls: ['url'],
  preview: (body) => (typeof body['name'] === 'string' ? `[file] ${body['name'].slice(0, 80)}` : '[file]'),
}
