import { fitsBytes, type Group, ImError, type Input, isJsonText, type Notice } from '@nexo-im/protocol'
import type { Handlers } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { changeGroup } from './group-changes.ts'
import { pageOf, pageRows, readCursor } from './group-pages.ts'
import { withSize } from './group-shapes.ts'
import type { Membership } from './membership.ts'

const settings = [
  'name',
  'introduction',
  'avatar',
  'extra',
  'join_mode',
  'invited_by',
  'is_private',
  'history_visible',
] as const

/** Long ones are told by name alone: what they say now stands in the group beside the notice. */
const longSettings: ReadonlySet<string> = new Set(['introduction', 'avatar', 'extra'])

async function update(
  world: World,
  caller: Caller,
  input: Input<'group.update'>,
  { group, expect }: Membership,
): Promise<Group> {
  const { extra } = input
  if (extra !== undefined && !(fitsBytes(extra, 65_535) && isJsonText(extra))) {
    throw new ImError('invalid_parameter', { detail: 'extra: JSON text of at most 65,535 bytes is required' })
  }
  const changed = settings.filter((s) => input[s] !== undefined && input[s] !== group[s])
  if (changed.length === 0) return withSize(world.store, group)
  const data: Notice['data'] = Object.fromEntries(
    changed.map((s) => [s, longSettings.has(s) ? true : (input[s] ?? '')]),
  )
  const next: Partial<Row<'group'>> = Object.fromEntries(changed.map((s) => [s, input[s]]))
  return changeGroup(world, {
    group,
    expect,
    next,
    notice: { kind: 'group_changed', actor: caller.userId, data },
  })
}

/** The present announcement stands in the group; every one that was put up stays in its history, the oldest go. */
async function announce(
  world: World,
  caller: Caller,
  { text = '' }: Input<'group.announce'>,
  { group, expect }: Membership,
): Promise<Group> {
  if (text === '' && group.announcement === '') return withSize(world.store, group)
  const notice = { kind: 'announced', actor: caller.userId, data: { text } } as const
  if (text === '')
    return changeGroup(world, { group, expect, notice, next: { announcement: '', announced_at: 0 } })
  const { group_id: groupId } = group
  const history = await world.store.list('announcement', 'by_group', [groupId])
  const tooMany = Math.max(0, history.length + 1 - world.rules.caps.announcements)
  const at = world.clock.now()
  return changeGroup(world, {
    group,
    expect,
    notice,
    next: { announcement: text, announced_at: at },
    put: ({ position }) => [
      { kind: 'announcement', row: { group_id: groupId, position, text, by: caller.userId, at } },
    ],
    remove: history.slice(0, tooMany).map((a) => ({ kind: 'announcement', key: [a.group_id, a.position] })),
  })
}

async function announcements(
  world: World,
  { limit = pageRows, cursor }: Input<'group.announcements'>,
  { group }: Membership,
): Promise<{ list: { text: string; by: string; at: number }[]; next_cursor?: string }> {
  const page = { after: [readCursor(cursor)], limit: limit + 1 }
  const rows = await world.store.list('announcement', 'by_group', [group.group_id], page)
  const show = ({ text, by, at }: Stored<'announcement'>): { text: string; by: string; at: number } => {
    return { text, by, at }
  }
  return pageOf(rows, limit, show, (row) => String(row.position))
}

export const settingHandlers = {
  'group.update': update,
  'group.announce': announce,
  'group.announcements': (world, _, input, membership) => announcements(world, input, membership),
} satisfies Partial<Handlers>
