import Type from 'typebox'
import { PlatformId } from './device.ts'
import { Millis, UserId } from './ids.ts'

/** 0 offline, 1 online (nexo-wire section 4). */
export const onlineStatus = { offline: 0, online: 1 } as const

export const Online = Type.Object({
  user_id: UserId,
  status: Type.Integer({ minimum: 0, maximum: 1 }),
  detail_platform_status: Type.Optional(
    Type.Array(
      Type.Object({ platform_id: PlatformId, platform_name: Type.String(), conn_id: Type.String() }),
    ),
  ),
  last_seen_at: Type.Optional(Millis),
  platform: Type.Optional(Type.String({ description: 'Name of the newest connected platform.' })),
})
export type Online = Type.Static<typeof Online>
