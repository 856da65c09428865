import type { Input } from '@nexo-im/protocol'
import { keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import { needAuthority } from '../messages/pins.ts'
import { onStanding } from '../messages/rewriting.ts'
import type { Caller, World } from '../world.ts'
import { noticePuts } from './notices.ts'
import { tellNotice } from './telling.ts'

/** Holds for what is sent from now on: a message keeps the life it was sent with. */
async function setExpiry(
  world: World,
  { userId }: Caller,
  { conversation_id: conversation, seconds }: Input<'conversation.set_expiry'>,
): Promise<null> {
  const standing = await needAuthority(world, userId, conversation)
  const expireAfter = seconds * 1000
  if (standing.settings.expire_after === expireAfter) return null
  const telling = { conversation, kind: 'expiry_changed', actor: userId, data: { seconds } } as const
  await onStanding(world, userId, standing, () =>
    keep(world, {
      conversation,
      build: (place) => ({
        expect: standing.expect,
        put: [
          { kind: 'conversation', row: { ...standing.settings, expire_after: expireAfter } },
          ...noticePuts(telling, place, world.clock.now()),
        ],
      }),
      kept: (change, place) => tellNotice(world, conversation, change, place),
    }),
  )
  return null
}

export const expiryHandlers = { 'conversation.set_expiry': setExpiry } satisfies Partial<Handlers>
