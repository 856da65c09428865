import { type Group, groupConversationId, ImError } from '@nexo-im/protocol'
import { keep } from '../conflict.ts'
import { noticePuts, type Telling } from '../conversations/notices.ts'
import { tellNotice } from '../conversations/telling.ts'
import type { Change, Expectation, Put, Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { World } from '../world.ts'
import type { Place } from '../writer.ts'
import { tellMembers } from './entrance.ts'
import { shownGroup } from './group-shapes.ts'

/** What becomes of a group whose members stay the same. */
export interface GroupChange {
  readonly group: Stored<'group'>
  /** The records that the right to do it rests on. */
  readonly expect: readonly Expectation[]
  readonly notice: Omit<Telling, 'conversation'>
  /** Fields of the group that are different from now on. */
  readonly next?: Partial<Row<'group'>>
  /** Members as they are from now on; each is told of itself. */
  readonly members?: readonly Row<'member'>[]
  readonly put?: (place: Place) => readonly Put[]
  readonly remove?: Change['remove']
  readonly kept?: (change: Change, place: Place) => void
}

/** Writes it with its notice and tells everybody in the group. Throws Conflict when something moved meanwhile. */
export async function changeGroup(world: World, change: GroupChange): Promise<Group> {
  const { version, ...before } = change.group
  const groupId = before.group_id
  const conversation = groupConversationId(groupId)
  const [size] = await world.store.get('group_size', [[groupId]])
  if (!size) throw new ImError('group_not_found')
  const now = world.clock.now()
  const row = change.next ? { ...before, ...change.next, updated_at: now } : before
  const members = (change.members ?? []).map((m): Row<'member'> => ({ ...m, updated_at: now }))
  const shown = shownGroup(row, size.members)
  await keep(world, {
    conversation,
    build: (place) => ({
      expect: [
        { kind: 'group', key: [groupId], version },
        // What is told names the number of members: it must be the one that holds here.
        { kind: 'group_size', key: [groupId], version: size.version },
        ...change.expect,
      ],
      put: [
        ...(change.next ? [{ kind: 'group', row } as const] : []),
        ...members.map((m): Put => ({ kind: 'member', row: m })),
        ...noticePuts({ ...change.notice, conversation }, place, now),
        ...(change.put?.(place) ?? []),
      ],
      ...(change.remove && { remove: change.remove }),
    }),
    kept: (kept, place) => {
      tellNotice(world, conversation, kept, place, [{ group: shown }])
      tellMembers(world, kept, place)
      change.kept?.(kept, place)
    },
  })
  return shown
}

/** A stored record as it is written again. */
export function bare<T extends { readonly version: number }>({ version: _, ...row }: T): Omit<T, 'version'> {
  return row
}
