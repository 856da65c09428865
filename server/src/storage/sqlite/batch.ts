import type { Raise } from '../../core/ports.ts'
import type { Key, Kind } from '../../core/tables.ts'
import { toColumn } from '../sql.ts'
import type { Statements } from './statements.ts'

/**
 * What one transaction knows already: a batch holds many messages of the same people, and asking the same question or
 * raising the same row for each of them was a third of its time.
 */
export interface Batch {
  /** Last seqs as they are when it is committed. */
  readonly heads: ReadonlyMap<string, number>
  head(conversation: string): number
  setHead(conversation: string, seq: number): void
  version(kind: Kind, key: Key): number
  /** Gathered; written before anything else touches the record, at the latest by `flush`. */
  raise(raise: Raise): void
  /** The record is about to be written: what is known or gathered of it ends. */
  touching(kind: Kind, key: Key): void
  flush(): void
}

/** @param committed last seqs as committed: nobody else writes this file, so they need not be asked for again */
export function createBatch(sql: Statements, committed: ReadonlyMap<string, number>): Batch {
  const heads = new Map<string, number>()
  const versions = new Map<string, number>()
  const raises = new Map<string, { kind: Kind; key: Key; to: Record<string, number> }>()
  const nameOf = (kind: Kind, key: Key): string => `${kind}\0${key.join('\0')}`

  function settle(name: string): void {
    const raise = raises.get(name)
    if (raise === undefined) return
    raises.delete(name)
    versions.delete(name)
    raiseRow(sql, raise)
  }

  return {
    heads,
    head: (conversation) => {
      const known = heads.get(conversation) ?? committed.get(conversation)
      if (known !== undefined) return known
      const head = (sql.headSeq.get(conversation) as number | null) ?? 0
      heads.set(conversation, head)
      return head
    },
    setHead: (conversation, seq) => void heads.set(conversation, seq),
    version: (kind, key) => {
      const name = nameOf(kind, key)
      settle(name)
      const known = versions.get(name)
      if (known !== undefined) return known
      const row = sql.version(kind).get(...key.map(toColumn)) as { version: number } | undefined
      versions.set(name, row?.version ?? 0)
      return row?.version ?? 0
    },
    raise: ({ kind, key, to }) => {
      const name = nameOf(kind, key)
      const known = raises.get(name)
      if (known === undefined) {
        raises.set(name, { kind, key, to: { ...to } })
        return
      }
      for (const [field, value] of Object.entries(to))
        known.to[field] = Math.max(known.to[field] ?? value, value)
    },
    touching: (kind, key) => {
      const name = nameOf(kind, key)
      settle(name)
      versions.delete(name)
    },
    flush: () => {
      for (const raise of raises.values()) raiseRow(sql, raise)
      raises.clear()
    },
  }
}

function raiseRow(sql: Statements, { kind, key, to }: Raise): void {
  const fields = Object.keys(to)
  const values = Object.values(to)
  sql.raise(kind, fields).run(...values, ...values, ...key.map(toColumn), ...values)
}
