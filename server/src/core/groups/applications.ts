import {
  type Application,
  compareIds,
  ImError,
  type Input,
  joinMode,
  memberStatus,
  requestState,
} from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import type { Expectation, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { admit } from './entrance.ts'
import { pageOf, pageRows } from './group-pages.ts'
import { shownApplication } from './group-shapes.ts'
import type { GroupSight, Membership } from './membership.ts'
import {
  answerers,
  answers,
  conditionOfApplication,
  pendingAmong,
  tellApplications,
} from './pending-applications.ts'

/** Users who want in, by themselves or because a member brought them. */
export interface Proposal {
  readonly groupId: string
  readonly userIds: readonly string[]
  readonly message: string
  /** Who brought them; '' when they ask themselves. */
  readonly inviter: string
  readonly expect: readonly Expectation[]
}

async function apply(
  world: World,
  caller: Caller,
  { message = '' }: Input<'group.apply'>,
  { group, member }: GroupSight,
): Promise<Application> {
  const { group_id: groupId } = group
  if (member?.status === memberStatus.normal) throw new ImError('already_member')
  if (group.join_mode === joinMode.invitation) throw new ImError('join_by_invitation')
  if (group.join_mode === joinMode.open) {
    if (group.is_private) throw new ImError('join_by_invitation')
    throw new ImError('conflict', { detail: 'the group is open: join it' })
  }
  const { pending } = await pendingAmong(world, groupId, [caller.userId])
  if (pending.length > 0) throw new ImError('already_applied')
  const [row] = await propose(world, {
    groupId,
    userIds: [caller.userId],
    message,
    inviter: '',
    expect: [
      { kind: 'group', key: [groupId], version: group.version },
      { kind: 'member', key: [groupId, caller.userId], version: member?.version ?? 0 },
    ],
  })
  if (!row) throw new ImError('application_not_found')
  return shownApplication(row)
}

/** Writes applications of users of whom none waits already. Throws `cap_reached`, and Conflict when one does by now. */
export async function propose(world: World, proposal: Proposal): Promise<Row<'application'>[]> {
  const { groupId, userIds, message, inviter } = proposal
  const { applications: cap } = world.rules.caps
  const [{ expect }, present, answererIds] = await Promise.all([
    pendingAmong(world, groupId, userIds),
    world.store.list('application', 'by_state', [groupId, requestState.pending], { limit: cap }),
    answerers(world, groupId),
  ])
  needRoom(world.rules.caps, 'applications', present.length, userIds.length)
  const now = world.clock.now()
  const rows = userIds.map((userId) => ({
    group_id: groupId,
    user_id: userId,
    message,
    inviter_user_id: inviter,
    state: requestState.pending,
    handled_by: '',
    created_at: now,
    updated_at: now,
    position: 0,
  }))
  await keep(world, {
    build: ({ position }) => ({
      expect: [...proposal.expect, ...expect],
      put: rows.map((row) => ({ kind: 'application', row: { ...row, position } })),
    }),
    kept: (change, place) => tellApplications(world, change.put, place, answererIds),
  })
  return rows
}

async function needPending(world: World, groupId: string, userId: string): Promise<Stored<'application'>> {
  const [row] = await world.store.get('application', [[groupId, userId]])
  if (row?.state !== requestState.pending) throw new ImError('application_not_found')
  return row
}

async function withdraw(world: World, caller: Caller, input: Input<'group.withdraw'>): Promise<null> {
  const row = await needPending(world, input.group_id, caller.userId)
  await answer(world, row, requestState.withdrawn, '', [])
  return null
}

async function reject(
  world: World,
  caller: Caller,
  input: Input<'group.reject'>,
  { expect }: Membership,
): Promise<null> {
  const row = await needPending(world, input.group_id, input.user_id)
  await answer(world, row, requestState.rejected, caller.userId, expect)
  return null
}

/** Ends an application without letting anybody in. */
export async function answer(
  world: World,
  row: Stored<'application'>,
  state: number,
  by: string,
  expect: readonly Expectation[],
): Promise<void> {
  const answererIds = await answerers(world, row.group_id)
  const now = world.clock.now()
  await keep(world, {
    build: (place) => ({
      expect: [conditionOfApplication(row), ...expect],
      put: answers([row], state, by, place, now),
    }),
    kept: (change, place) => tellApplications(world, change.put, place, answererIds),
  })
}

async function accept(
  world: World,
  caller: Caller,
  input: Input<'group.accept'>,
  { group, expect }: Membership,
): Promise<null> {
  const row = await needPending(world, input.group_id, input.user_id)
  await admit(world, {
    group,
    userIds: [row.user_id],
    actor: caller.userId,
    cause: 'approval',
    expect: [...expect, conditionOfApplication(row)],
    ...(row.inviter_user_id !== '' && { inviter: row.inviter_user_id }),
  })
  return null
}

/** Those who wait, oldest first. Users brought in one go stand at one position, so a cursor names one of them too. */
async function applications(
  world: World,
  { limit = pageRows, cursor }: Input<'group.applications'>,
  { group }: Membership,
): Promise<{ list: Application[]; next_cursor?: string }> {
  const prefix = [group.group_id, requestState.pending]
  const at = readApplicationCursor(cursor)
  const list = (key: readonly number[]): Promise<Stored<'application'>[]> =>
    world.store.list('application', 'by_state', [...prefix, ...key])
  const rest = (await list([at.position])).filter((a) => compareIds(a.user_id, at.userId) > 0)
  const later = await world.store.list('application', 'by_state', prefix, {
    after: [at.position],
    limit: limit + 1,
  })
  // The last position may be cut amid its applications: it is taken whole, and in the order of the cursor.
  const end = later.length > limit ? (later.at(-1)?.position ?? 0) : undefined
  const whole = end === undefined ? later : [...later.filter((a) => a.position < end), ...(await list([end]))]
  const rows = [...rest, ...whole].sort((a, b) => a.position - b.position || compareIds(a.user_id, b.user_id))
  return pageOf(rows, limit, shownApplication, (row) => `${row.position}:${row.user_id}`)
}

function readApplicationCursor(cursor: string | undefined): { position: number; userId: string } {
  if (cursor === undefined) return { position: 0, userId: '' }
  const [, position, userId] = /^(\d{1,16}):(.+)$/s.exec(cursor) ?? []
  if (position === undefined || userId === undefined)
    throw new ImError('invalid_parameter', { detail: 'cursor: none of ours' })
  return { position: Number(position), userId }
}

export const applicationHandlers = {
  'group.apply': apply,
  'group.withdraw': withdraw,
  'group.applications': (world, _, input, membership) => applications(world, input, membership),
  'group.accept': accept,
  'group.reject': reject,
} satisfies Partial<Handlers>
