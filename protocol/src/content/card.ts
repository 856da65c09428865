import Type from 'typebox'
import { GroupId, UserId } from '../ids.ts'
import type { ContentType } from './type.ts'

export const Card = Type.Object({
  user_id: Type.Optional(UserId),
  group_id: Type.Optional(GroupId),
  name: Type.Optional(Type.String({ maxLength: 128 })),
  avatar: Type.Optional(Type.String({ maxLength: 512 })),
})

export const card: ContentType = {
  name: 'card',
  number: 7,
  openim: 108,
  key: 'card',
  schema: Card,
  refuse: (body) =>
    (body['user_id'] === undefined) === (body['group_id'] === undefined)
      ? 'a card names either user_id or group_id'
      : undefined,
  preview: (body) => (typeof body['name'] === 'string' ? `[card] ${body['name'].slice(0, 80)}` : '[card]'),
}
