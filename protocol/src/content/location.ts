import Type from 'typebox'
import type { ContentType } from './type.ts'

export const Location = Type.Object({
  latitude: Type.Number({ minimum: -90, maximum: 90, description: 'Degrees.' }),
  longitude: Type.Number({ minimum: -180, maximum: 180, description: 'Degrees.' }),
  description: Type.Optional(Type.String({ maxLength: 512 })),
})

export const location: ContentType = {
  name: 'location',
  number: 6,
  openim: 109,
  key: 'location',
  schema: Location,
  preview: () => '[location]',
}
