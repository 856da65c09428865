import { type LogFault, type LogReport, verifyStore } from '../core/messages/log-verification.ts'
import type { Store } from '../core/ports.ts'
import { type Key, type Kind, keyOf, tables } from '../core/tables.ts'
import type { AnyRow } from '../moving/pairs.ts'
import { sha256 } from '../sha256.ts'

/** Reads everything: logs are verified here, and every row is looked at by its driver as it is read. */
export async function readWhole(
  store: Store,
  progress: (report: Omit<LogReport, 'faults'>) => void,
): Promise<LogReport> {
  const report = await verifyStore(store, sha256, progress)
  for (const kind of Object.keys(tables) as Kind[]) {
    let after: Key | undefined
    do {
      const page: readonly AnyRow[] = await store.scan(kind, { limit: 1000, ...(after && { after }) })
      const last = page.length < 1000 ? undefined : page.at(-1)
      after = last && keyOf(kind, last)
    } while (after)
  }
  return report
}

export function placeOf({ conversation, seq }: LogFault): string {
  return `${conversation}: message ${seq}`
}

/** Damaged rows that no fault of a log names. */
export function beside(damaged: Iterable<string>, faults: readonly LogFault[]): string[] {
  const named = new Set(faults.map(placeOf))
  return [...damaged].filter((what) => !named.has(what))
}
