import { type Group, ImError, type Input, type OperationName } from '@nexo-im/protocol'
import type { Result } from '../../core/handler.ts'
import type { Put, Stored } from '../../core/ports.ts'
import type { Row } from '../../core/tables.ts'
import type { Caller } from '../../core/world.ts'
import { type TestCore, testCore } from './core.ts'

/** People on a core without doors, by name. */
export interface Cast {
  readonly core: TestCore
  /** What somebody does; registers them first if nobody knows them. */
  act<N extends OperationName>(who: string, name: N, input: Input<N>): Promise<Result<N>>
  /** The name of the error that it ends with; 'done' when it does not. */
  refusal<N extends OperationName>(who: string, name: N, input: Input<N>): Promise<string>
  join(...names: readonly string[]): Promise<void>
  /** A group with its owner; `admins` and `members` are in it. */
  found(owner: string, fields?: Founding): Promise<string>
  say(who: string, groupId: string, text: string): Promise<string>
  member(groupId: string, userId: string): Promise<Stored<'member'>>
  view(groupId: string, userId: string): Promise<Stored<'view'>>
  group(groupId: string): Promise<Group>
  /** Kinds of the notices in a group's order. */
  notices(groupId: string): Promise<string[]>
}

export interface Founding extends Partial<Input<'group.create'>> {
  readonly admins?: readonly string[]
  readonly members?: readonly string[]
}

export async function castOf(options: Parameters<typeof testCore>[0] = {}): Promise<Cast> {
  const core = await testCore(options)
  const callers = new Map<string, Promise<Caller>>()
  let sent = 0

  function callerOf(who: string): Promise<Caller> {
    const caller = callers.get(who) ?? core.person(who)
    callers.set(who, caller)
    return caller
  }

  async function act<N extends OperationName>(who: string, name: N, input: Input<N>): Promise<Result<N>> {
    return core.dispatch(await callerOf(who), name, input)
  }

  async function refusal<N extends OperationName>(who: string, name: N, input: Input<N>): Promise<string> {
    try {
      await act(who, name, input)
      return 'done'
    } catch (error) {
      if (error instanceof ImError) return error.kind
      throw error
    }
  }

  async function only<T>(rows: Promise<(T | undefined)[]>): Promise<T> {
    const [row] = await rows
    if (!row) throw new Error('there is no such record')
    return row
  }

  const { store } = core
  return {
    core,
    act,
    refusal,
    join: async (...names) => {
      await Promise.all(names.map(callerOf))
    },
    found: async (owner, { admins = [], members = [], ...fields } = {}) => {
      const ids = [...admins, ...members]
      await Promise.all(ids.map(callerOf))
      const { id } = await act(owner, 'group.create', { name: 'Tea', ...fields, member_ids: ids })
      for (const user_id of admins)
        await act(owner, 'group.set_role', { group_id: id, user_id, role_level: 2 })
      return id
    },
    say: (who, group_id, text) => {
      sent += 1
      const input = { client_msg_id: `cast-${sent}`, group_id, msg_type: 1, content: { text } }
      return refusal(who, 'message.send', input)
    },
    member: (groupId, userId) => only(store.get('member', [[groupId, userId]])),
    view: (groupId, userId) => only(store.get('view', [[`sg_${groupId}`, userId]])),
    group: async (groupId) => act('the reader of groups', 'group.info', { group_id: groupId }),
    notices: async (groupId) =>
      (await store.list('notice', 'by_conversation', [`sg_${groupId}`])).map((n) => n.kind),
  }
}

/** Writes fields of an account as whoever is responsible for them would. */
export async function changeUser(cast: Cast, userId: string, fields: Partial<Row<'user'>>): Promise<void> {
  const [user] = await cast.core.store.get('user', [[userId]])
  if (!user) throw new Error('there is no such user')
  const { version: _, ...row } = user
  await write(cast, (position) => ({ kind: 'user', row: { ...row, ...fields, position } }))
}

/** Who may add them to groups: 0 everyone, 1 friends, 2 nobody. */
export async function putPrivacy(cast: Cast, user_id: string, add_to_groups: number): Promise<void> {
  const open = { find_me: 0, message_me: 0, see_online: 0, see_read: 0 }
  await write(cast, (position) => ({ kind: 'privacy', row: { user_id, ...open, add_to_groups, position } }))
}

export async function putRelation(
  cast: Cast,
  owner_id: string,
  other_id: string,
  fields: { readonly is_friend?: boolean; readonly is_blocked?: boolean },
): Promise<void> {
  const none = { is_friend: false, is_blocked: false, remark: '', friends_since: 0 }
  await write(cast, (position) => ({
    kind: 'relation',
    row: { owner_id, other_id, ...none, ...fields, position },
  }))
}

async function write(cast: Cast, put: (position: number) => Put): Promise<void> {
  await cast.core.world.writer.offer({ build: ({ position }) => ({ put: [put(position)] }) })
}
