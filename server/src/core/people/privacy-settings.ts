import type { Input, Privacy } from '@nexo-im/protocol'
import { keep } from '../conflict.ts'
import { tellUsers } from '../conversations/telling.ts'
import type { Handlers } from '../handler.ts'
import type { Caller, World } from '../world.ts'
import { openPrivacy, shownPrivacy } from './privacy.ts'
import { reviewSight } from './watching.ts'

async function get(world: World, caller: Caller): Promise<Privacy> {
  const [row] = await world.store.get('privacy', [[caller.userId]])
  return row ? shownPrivacy(row) : openPrivacy
}

/** Binds everything acked after it: sends name the version of this record as a condition. */
async function update(world: World, caller: Caller, input: Input<'privacy.update'>): Promise<Privacy> {
  const { userId } = caller
  const [row] = await world.store.get('privacy', [[userId]])
  const next = { ...(row ? shownPrivacy(row) : openPrivacy), ...input }
  await keep(world, {
    build: ({ position }) => ({
      expect: [{ kind: 'privacy', key: [userId], version: row?.version ?? 0 }],
      put: [{ kind: 'privacy', row: { user_id: userId, ...next, position } }],
    }),
    kept: (_, { position }) => {
      tellUsers(world, [userId], [{ position, privacy: next }], caller.session)
      void reviewSight(world, userId)
    },
  })
  return next
}

export const privacyHandlers = {
  'privacy.get': get,
  'privacy.update': update,
} satisfies Partial<Handlers>
