import { ImError, type Input, type User } from '@nexo-im/protocol'
import { keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { World } from '../world.ts'
import { deleteAccount } from './account-deletion.ts'
import { accountStatus } from './account-status.ts'
import { createAccount } from './accounts.ts'
import { closeSockets, endings, endSignIns, liveSignIns } from './sign-ins.ts'

async function ban(world: World, input: Input<'operator.ban'>): Promise<null> {
  const { until } = input
  if (until !== undefined && until <= world.clock.now())
    throw new ImError('invalid_parameter', { detail: 'until: a time to come is required' })
  const { version, ...row } = await needAccount(world, input.user_id)
  let signIns: readonly Stored<'session'>[] = []
  await keep(world, {
    look: async () => {
      signIns = await liveSignIns(world, row.user_id)
    },
    build: () => ({
      expect: [{ kind: 'user', key: [row.user_id], version }],
      put: [
        { kind: 'user', row: { ...row, status: accountStatus.banned, banned_until: until ?? null } },
        ...endings(signIns).put,
      ],
    }),
    kept: () => closeSockets(world, signIns, 'revoked'),
  })
  return null
}

async function unban(world: World, userId: string): Promise<null> {
  const { version, ...row } = await needAccount(world, userId)
  if (row.status !== accountStatus.banned) return null
  await keep(world, {
    build: () => ({
      expect: [{ kind: 'user', key: [userId], version }],
      put: [{ kind: 'user', row: { ...row, status: accountStatus.normal, banned_until: null } }],
    }),
  })
  return null
}

async function revokeSessions(world: World, userId: string): Promise<null> {
  await needAccount(world, userId)
  await endSignIns(world, await liveSignIns(world, userId), 'revoked')
  return null
}

async function needAccount(world: World, userId: string): Promise<Stored<'user'>> {
  const [user] = await world.store.get('user', [[userId]])
  if (!user || user.status === accountStatus.deleted) throw new ImError('user_not_found')
  return user
}

export const operatorHandlers = {
  'operator.create_user': (world, _, input): Promise<User> => createAccount(world, input),
  'operator.ban': (world, _, input) => ban(world, input),
  'operator.unban': (world, _, input) => unban(world, input.user_id),
  'operator.revoke_sessions': (world, _, input) => revokeSessions(world, input.user_id),
  'operator.delete_user': async (world, _, input) => {
    await deleteAccount(world, input.user_id)
    return null
  },
} satisfies Partial<Handlers>
