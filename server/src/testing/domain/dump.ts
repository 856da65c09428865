import type { Store } from '../../core/ports.ts'
import { type Kind, tables } from '../../core/tables.ts'

const everything = Number.MAX_SAFE_INTEGER

/**
 * Everything a store holds, as one text: what was refused must leave it equal. Numbers handed out in blocks and the
 * time a device was last seen are not part of what a request may change.
 */
export async function dumpStore(
  store: Store,
  ignore: readonly Kind[] = ['block', 'last_seen'],
): Promise<string> {
  const lines: string[] = []
  const kinds = (Object.keys(tables) as Kind[]).filter((kind) => !ignore.includes(kind))
  const [rows, conversations] = await Promise.all([
    Promise.all(kinds.map((kind) => store.scan(kind, {}))),
    store.conversations({ limit: everything }),
  ])
  const logs = await Promise.all(conversations.map((id) => store.read(id, 0, everything, everything)))
  for (const [i, kind] of kinds.entries())
    for (const row of rows[i] ?? []) lines.push(`${kind} ${JSON.stringify(row)}`)
  for (const entry of logs.flat()) lines.push(`message ${JSON.stringify(entry)}`)
  return lines.join('\n')
}
