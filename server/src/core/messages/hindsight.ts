import type { View } from '../conversations/windows.ts'
import type { Entry } from '../ports.ts'
import type { World } from '../world.ts'
import { isGone, printMeta, readMeta } from './meta.ts'

/** Whether all that the owner of a view may see is shown to them as it is stored. */
export function seesAsStored({ hidden_count: hidden, to_position: left }: View): boolean {
  return hidden === 0 && left === null
}

/**
 * Messages as the owner of a view may see them: what they deleted for themselves without its body, in its place, so
 * that no gap appears; and for who left, as it was at leaving – a later edit or reaction is as little theirs as a later
 * message. What was recalled or erased is gone for everybody.
 */
export async function asSeen(
  world: World,
  view: View | undefined,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  if (!view || entries.length === 0 || seesAsStored(view)) return entries
  const { hidden_count: hidden, to_position: left } = view
  const [rows, touches] = await Promise.all([
    hidden === 0
      ? []
      : world.store.get(
          'hidden',
          entries.map((e) => [view.user_id, e.conversation_id, e.seq]),
        ),
    left === null
      ? []
      : world.store.get(
          'touch',
          entries.map((e) => [e.conversation_id, e.seq]),
        ),
  ])
  return Promise.all(
    entries.map(async (entry, i) => {
      if (rows[i]) return { ...entry, body: '', meta: '"hidden":true' }
      const touched = touches[i]?.position ?? 0
      return left !== null && touched > left && !isGone(entry) ? asOf(world, entry, left) : entry
    }),
  )
}

/** A message as it was at a position of the log: the version that the next edit replaced. */
async function asOf(world: World, entry: Entry, position: number): Promise<Entry> {
  const versions = await world.store.list('edit', 'by_message', [entry.conversation_id, entry.seq])
  const { edited_at, edits, reactions: _, pinned: _pinned, ...meta } = readMeta(entry)
  const then = versions.find((v) => v.position > position)
  if (!then) return { ...entry, meta: printMeta({ ...meta, edited_at, edits }) }
  const earlier = then.edition - 1
  const before = earlier === 0 ? {} : { edited_at: then.at, edits: earlier }
  return { ...entry, body: then.body, meta: printMeta({ ...meta, ...before }) }
}
