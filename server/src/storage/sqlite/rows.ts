import type { Entry } from '../../core/ports.ts'
import { type Kind, type Table, tables } from '../../core/tables.ts'
import { fromRow, tableName } from '../sql.ts'
import { checksumOfEntry, checksumOfRow } from './checksums.ts'

/** Told of something that is not as it was stored; throws, or goes on where faults are being counted. */
export type Damaged = (what: string) => void

type Values = readonly (string | number | null)[]

/** Rows as SQLite gives them, looked through for damage and put into the domain's shapes. */
export interface Rows {
  entry(values: unknown): Entry
  record(kind: Kind, values: unknown): Record<string, unknown>
  /** A message that must be there is not. */
  missing(conversation: string, seq: number): void
}

export function createRows(damaged: Damaged): Rows {
  return {
    entry: (values) => {
      const entry = entryOf(values as Values)
      const checksum = (values as Values)[12]
      // NULL: written before there were checksums. One bit can make a number NULL, and then that is all the damage.
      if (checksum !== null && checksum !== checksumOfEntry(entry))
        damaged(`${entry.conversation_id}: message ${entry.seq}`)
      return entry
    },
    record: (kind, values) => {
      const columns = values as Values
      const { fields, key } = tables[kind] as Table
      const row: Record<string, unknown> = {}
      let column = 0
      for (const field in fields) row[field] = columns[column++]
      const version = columns[column] as number
      row['version'] = version
      const checksum = columns[column + 1]
      if (checksum !== null && checksum !== checksumOfRow(kind, columns, version))
        damaged(`${tableName(kind)} ${key.map((f) => JSON.stringify(row[f])).join(' ')}`)
      return fromRow(kind, row)
    },
    missing: (conversation, seq) => damaged(`${conversation}: message ${seq}`),
  }
}

function entryOf(values: Values): Entry {
  return {
    conversation_id: values[0] as string,
    seq: values[1] as number,
    id: values[2] as number,
    sender_id: values[3] as string,
    client_msg_id: values[4] as string,
    msg_type: values[5] as number,
    body: values[6] as string,
    send_at: values[7] as number,
    meta: values[8] as string,
    salt: values[9] as string,
    digest: values[10] as string,
    chain: values[11] as string,
  }
}
