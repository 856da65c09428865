import {
  type CustomStatus,
  fitsBytes,
  ImError,
  type Input,
  isJsonText,
  isUserId,
  type User,
} from '@nexo-im/protocol'
import { keep } from '../conflict.ts'
import { tellUsers } from '../conversations/telling.ts'
import { renameMember } from '../groups/group-members.ts'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { accountStatus } from './account-status.ts'
import { provePassword, refusePassword } from './credentials.ts'
import { nameKey, publicUser } from './profiles.ts'
import { closeSockets, endings, liveSignIns } from './sign-ins.ts'

export async function needUser(world: World, userId: string): Promise<Stored<'user'>> {
  const [row] = await world.store.get('user', [[userId]])
  if (!row) throw new ImError('user_not_found')
  return row
}

async function register(world: World, caller: Caller, input: Input<'auth.register'>): Promise<User> {
  if (!world.rules.registrationOpen) throw new ImError('forbidden', { detail: 'registration is closed' })
  const userId = input.user_id ?? world.random.uuid()
  return createAccount(world, { ...input, user_id: userId }, () => {
    if (caller.address !== undefined) world.limits.registrations.take(caller.address)
  })
}

/**
 * Throws 1001 for an id or a password that cannot be, `user_exists` for an id that is or ever was taken.
 * @param count takes from the limit of whoever asks, once the input is known to be sound
 */
export async function createAccount(
  world: World,
  input: Input<'operator.create_user'>,
  count: () => void = () => undefined,
): Promise<User> {
  const { user_id: userId, nickname, password } = input
  if (!isUserId(userId)) {
    throw new ImError('invalid_parameter', {
      detail: 'user_id: no colon, control character or outer white space',
    })
  }
  refusePassword(password, world.rules.passwordMinBytes)
  count()
  const [taken] = await world.store.get('user', [[userId]])
  if (taken) throw new ImError('user_exists')
  const now = world.clock.now()
  const row: Omit<Row<'user'>, 'position'> = {
    user_id: userId,
    nickname: nickname ?? '',
    avatar: input.avatar ?? '',
    extra: null,
    password_hash: await world.passwords.hash(password),
    created_at: now,
    updated_at: now,
    status: accountStatus.normal,
    banned_until: null,
    custom_status: '',
    name_key: nameKey(nickname ?? userId),
  }
  const verdict = await world.writer.offer({
    build: ({ position }) => ({
      expect: [{ kind: 'user', key: [userId], version: 0 }],
      put: [{ kind: 'user', row: { ...row, position } }],
    }),
  })
  if ('refusal' in verdict) throw new ImError('user_exists')
  return publicUser({ ...row, position: 0 }, world.clock)
}

/** Ends every other sign-in: whoever knew the old password is out. */
async function changePassword(
  world: World,
  caller: Caller,
  input: Input<'auth.change_password'>,
): Promise<null> {
  refusePassword(input.new_password, world.rules.passwordMinBytes)
  const { version, ...row } = await provePassword(world, caller.userId, input.old_password)
  const hash = await world.passwords.hash(input.new_password)
  let others: readonly Stored<'session'>[] = []
  await keep(world, {
    look: async () => {
      const live = await liveSignIns(world, caller.userId)
      others = live.filter((s) => s.session_id !== caller.sessionId)
    },
    build: () => ({
      expect: [{ kind: 'user', key: [row.user_id], version }],
      put: [{ kind: 'user', row: { ...row, password_hash: hash } }, ...endings(others).put],
    }),
    kept: () => closeSockets(world, others, 'revoked'),
  })
  return null
}

/** Writes the own profile anew and tells the own other devices. */
async function putProfile(
  world: World,
  caller: Caller,
  next: (row: Row<'user'>) => Partial<Row<'user'>>,
): Promise<User> {
  const { version, ...row } = await needUser(world, caller.userId)
  const changed = { ...row, ...next(row), updated_at: world.clock.now() }
  const shown = publicUser(changed, world.clock)
  await keep(world, {
    build: ({ position }) => ({
      expect: [{ kind: 'user', key: [row.user_id], version }],
      put: [{ kind: 'user', row: { ...changed, position } }],
    }),
    kept: (_, { position }) =>
      tellUsers(world, [row.user_id], [{ position, profile: shown }], caller.session),
  })
  return shown
}

async function update(world: World, caller: Caller, input: Input<'user.update'>): Promise<User> {
  const { extra } = input
  if (extra !== undefined && !(fitsBytes(extra, 65_535) && isJsonText(extra))) {
    throw new ImError('invalid_parameter', { detail: 'extra: JSON text of at most 65,535 bytes is required' })
  }
  const user = await putProfile(world, caller, (row) => ({
    nickname: input.nickname ?? row.nickname,
    avatar: input.avatar ?? row.avatar,
    extra: extra ?? row.extra,
    name_key: nameKey(input.nickname ?? (row.nickname || row.user_id)),
  }))
  if (input.nickname !== undefined) await renameMember(world, caller.userId)
  return user
}

async function setStatus(world: World, caller: Caller, input: Input<'user.set_status'>): Promise<User> {
  const { text, emoji, until } = input
  if (until !== undefined && until <= world.clock.now())
    throw new ImError('invalid_parameter', { detail: 'until: a time to come is required' })
  const status: CustomStatus | undefined =
    text === undefined
      ? undefined
      : { text, ...(emoji !== undefined && { emoji }), ...(until !== undefined && { until }) }
  return putProfile(world, caller, () => ({ custom_status: status ? JSON.stringify(status) : '' }))
}

/** In the order asked; unknown ones are left out. */
async function batchInfo(world: World, userIds: readonly string[]): Promise<User[]> {
  const rows = await world.store.get(
    'user',
    userIds.map((id) => [id]),
  )
  return rows.flatMap((row) => (row ? [publicUser(row, world.clock)] : []))
}

export const accountHandlers = {
  'auth.register': register,
  'auth.change_password': changePassword,
  'user.info': async (world, caller) => publicUser(await needUser(world, caller.userId), world.clock),
  'user.profile': async (world, _, input) => publicUser(await needUser(world, input.user_id), world.clock),
  'user.update': update,
  'user.set_status': setStatus,
  'user.batch_info': (world, _, input) => batchInfo(world, input.user_ids),
} satisfies Partial<Handlers>
