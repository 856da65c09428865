import { groupStatus, memberStatus, requestState, roles } from '@nexo-im/protocol'
import { insist } from '../conflict.ts'
import type { Expectation, Stored } from '../ports.ts'
import type { World } from '../world.ts'
import { answer } from './applications.ts'
import { release } from './entrance.ts'
import { dissolve, handOver } from './group-roles.ts'
import { conditionOf } from './membership.ts'

/** Groups and applications looked at together. */
const pageSize = 200

/**
 * Takes an account that ended out of everything: it leaves its groups, what it owned passes to the longest-serving
 * admin, else member, and its applications are withdrawn. A group of its own alone is dissolved and stays as it is.
 * To be called once the account is marked deleted, so that nobody lets it in again; may be repeated after a crash.
 * Throws `unavailable` when a group changes faster than it can write.
 */
export async function departGroups(world: World, userId: string): Promise<void> {
  let after: readonly [string] | undefined
  for (;;) {
    const page = { limit: pageSize, ...(after && { after }) }
    const rows = await world.store.list('member', 'by_user', [userId], page)
    for (const { group_id: groupId, status } of rows) {
      if (status !== memberStatus.normal) continue
      await world.turns.take(`group:${groupId}`, () => insist(() => depart(world, groupId, userId)))
    }
    const last = rows.at(-1)
    if (rows.length < pageSize || !last) break
    after = [last.group_id]
  }
  await withdrawAll(world, userId)
}

/** Two commits for an owner, each of which leaves one owner: hand over, then leave. */
async function depart(world: World, groupId: string, userId: string): Promise<void> {
  const [[group], [member]] = await Promise.all([
    world.store.get('group', [[groupId]]),
    world.store.get('member', [[groupId, userId]]),
  ])
  if (!group || member?.status !== memberStatus.normal) return
  if (member.role_level < roles.owner)
    return release(world, { groupId, members: [member], actor: userId, cause: 'quit' })
  const heir = await heirOf(world, groupId)
  const conditions = (other?: Stored<'member'>): Expectation[] => [
    { kind: 'group', key: [groupId], version: group.version },
    conditionOf(member),
    ...(other ? [conditionOf(other)] : []),
  ]
  if (heir) {
    await handOver(world, userId, { group, member, expect: conditions(heir) }, heir)
    return depart(world, groupId, userId)
  }
  if (group.status !== groupStatus.dismissed) await dissolve(world, userId, { group, expect: conditions() })
}

async function heirOf(world: World, groupId: string): Promise<Stored<'member'> | undefined> {
  for (const role of [roles.admin, roles.member]) {
    const prefix = [groupId, memberStatus.normal, roles.owner - role]
    const [first] = await world.store.list('member', 'by_rank', prefix, { limit: 1 })
    if (first) return first
  }
  return undefined
}

async function withdrawAll(world: World, userId: string): Promise<void> {
  const rows = await world.store.list('application', 'by_change', [userId])
  for (const { group_id: groupId, state } of rows) {
    if (state !== requestState.pending) continue
    await world.turns.take(`group:${groupId}`, () =>
      insist(async () => {
        const [row] = await world.store.get('application', [[groupId, userId]])
        if (row?.state === requestState.pending) await answer(world, row, requestState.withdrawn, '', [])
      }),
    )
  }
}
