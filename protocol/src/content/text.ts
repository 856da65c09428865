import Type from 'typebox'
import { type ContentType, maxTextBytes } from './type.ts'

export const Text = Type.Object({ text: Type.String({ minLength: 1, description: 'At most 65,535 bytes.' }) })

export const text: ContentType = {
  name: 'text',
  number: 1,
  openim: 101,
  key: 'text',
  schema: Text,
  flat: 'text',
  maxBytes: { text: maxTextBytes },
  preview: (body) => String(body['text']).slice(0, 100),
}
