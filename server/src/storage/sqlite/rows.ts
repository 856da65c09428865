import type { Entry } from '../../core/ports.ts'
import { type Kind, type Table, tables } from '../../core/tables.ts'
import { fromRow, tableName } from '../sql.ts'
import { checksumOfEntry, checksumOfRow } from './checksums.ts'

/** Told of something that is not as it was stored; throws, or goes on where faults are being counted. */
export type Damaged = (what: string) => void

type Values = readonly (string | number | null)[]

/** Rows as SQLite gives them, looked through for damage and put into the domain's shapes. */
export interface Rows {
  /** @param conversation where it was looked for; without it the row tells */
  entry(values: unknown, conversation?: string): Entry
  record(kind: Kind, values: unknown): Record<string, unknown>
  /** A message that must be there is not. */
  missing(conversation: string, seq: number): void
}

export function createRows(damaged: Damaged): Rows {
  return {
    entry: (values, conversation = (values as Values)[12] as string) => {
      const entry = entryOf(conversation, values as Values)
      const checksum = (values as Values)[11]
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

function entryOf(conversation: string, values: Values): Entry {
  return {
    conversation_id: conversation,
    seq: values[0] as number,
    id: values[1] as number,
    sender_id: values[2] as string,
    client_msg_id: values[3] as string,
    msg_type: values[4] as number,
    body: values[5] as string,
    send_at: values[6] as number,
    meta: values[7] as string,
    salt: values[8] as string,
    digest: values[9] as string,
    chain: values[10] as string,
  }
}
