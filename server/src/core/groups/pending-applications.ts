import { memberStatus, requestState, roles } from '@nexo-im/protocol'
import { tellUsers } from '../conversations/telling.ts'
import type { Expectation, Put, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { World } from '../world.ts'
import type { Place } from '../writer.ts'
import { shownApplication } from './group-shapes.ts'

/** Those of these users who wait to be let in, with the records that this rests on, absent ones too. */
export async function pendingAmong(
  world: World,
  groupId: string,
  userIds: readonly string[],
): Promise<{ pending: Stored<'application'>[]; expect: Expectation[] }> {
  const rows = await world.store.get(
    'application',
    userIds.map((id) => [groupId, id]),
  )
  return {
    pending: rows.filter((row) => row?.state === requestState.pending) as Stored<'application'>[],
    expect: userIds.map((id, i) => ({
      kind: 'application',
      key: [groupId, id],
      version: rows[i]?.version ?? 0,
    })),
  }
}

export function conditionOfApplication(row: Stored<'application'>): Expectation {
  return { kind: 'application', key: [row.group_id, row.user_id], version: row.version }
}

/** Applications with their answer, as records. */
export function answers(
  rows: readonly Stored<'application'>[],
  state: number,
  by: string,
  { position }: Place,
  now: number,
): Put[] {
  return rows.map(({ version: _, ...row }) => ({
    kind: 'application',
    row: { ...row, state, handled_by: by, updated_at: now, position },
  }))
}

/** The owner and the admins: who answers applications. As many as there may be admins, and one. */
export async function answerers(world: World, groupId: string): Promise<string[]> {
  const lists = await Promise.all(
    [roles.owner, roles.admin].map((role) =>
      world.store.list('member', 'by_rank', [groupId, memberStatus.normal, roles.owner - role]),
    ),
  )
  return lists.flat().map((row) => row.user_id)
}

/** Tells the applications among what was kept: to the applicants their own, to those who answer them all. */
export function tellApplications(
  world: World,
  puts: readonly Put[] | undefined,
  { position }: Place,
  answererIds: readonly string[],
): void {
  const rows = (puts ?? []).flatMap((p): Row<'application'>[] => (p.kind === 'application' ? [p.row] : []))
  const changes = rows.map((row) => ({ position, application: shownApplication(row) }))
  for (const [i, row] of rows.entries()) tellUsers(world, [row.user_id], changes.slice(i, i + 1))
  const applicants = new Set(rows.map((row) => row.user_id))
  tellUsers(
    world,
    answererIds.filter((id) => !applicants.has(id)),
    changes,
  )
}
