import Type from 'typebox'
import { type ContentType, longKeys, maxTextBytes } from './type.ts'

export const Custom = Type.Object({
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  data: Type.String({ minLength: 1, description: 'Kept byte for byte, at most 65,535 bytes.' }),
})

export const custom: ContentType = {
  name: 'custom',
  number: 100,
  openim: 110,
  key: 'custom',
  schema: Custom,
  flat: 'data',
  long: longKeys('custom', ['type', 'data']),
  maxBytes: { data: maxTextBytes },
  preview: (body) => (typeof body['type'] === 'string' ? `[${body['type']}]` : '[custom]'),
}
