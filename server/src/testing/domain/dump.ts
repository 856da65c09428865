import type { Store } from '../../core/ports.ts'
import { type Kind, tables } from '../../core/tables.ts'

/**
 * Everything a store holds, as one text: what was refused must leave it equal. Numbers handed out in blocks and the
 * time a device was last seen are not part of what a request may change.
 */
export async function dumpStore(
  store: Store,
  ignore: readonly Kind[] = ['block', 'last_seen'],
): Promise<string> {
  const lines: string[] = []
  const conversations = new Set<string>()
  for (const kind of Object.keys(tables) as Kind[]) {
    if (ignore.includes(kind)) continue
    const [index] = Object.keys(tables[kind].indexes)
    if (index === undefined) continue
    for (const row of await store.list(kind, index as never, [])) {
      lines.push(`${kind} ${JSON.stringify(row)}`)
      if (kind === 'view')
        conversations.add(String((row as unknown as Record<string, unknown>)['conversation_id']))
    }
  }
  const ids = [...conversations].sort()
  for (const id of ids) {
    for (const entry of await store.read(id, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER))
      lines.push(`message ${JSON.stringify(entry)}`)
  }
  const keyed = await Promise.all([
    store.get(
      'conversation',
      ids.map((id) => [id]),
    ),
    store.get(
      'pulse',
      ids.map((id) => [id]),
    ),
  ])
  for (const row of keyed.flat()) if (row) lines.push(JSON.stringify(row))
  return lines.join('\n')
}
