import { crc32 } from 'node:zlib'
import type { Entry } from '../../core/ports.ts'
import { type Kind, type Table, tables } from '../../core/tables.ts'

/**
 * SQLite does not notice a bit that turned over inside a row, so every row carries a checksum over all its columns (G9):
 * the CRC-32 of its texts, plus every number times a weight. Only the linear part is needed when a row is raised, so
 * SQL can keep it up to date without reading the row; a single bit always changes it, the modulus being a prime.
 */
export const modulus = 4_294_967_291

/** What stands for a null, which must not look like an empty text or a zero. */
const nothing = '\u0001'
const noNumber = 2_147_483_629

type Columns = readonly (string | number | null)[]

interface Plan {
  readonly texts: readonly number[]
  /** By column; undefined for texts. */
  readonly weights: readonly (number | undefined)[]
}

const plans = new Map<Kind, Plan>(
  (Object.keys(tables) as Kind[]).map((kind) => {
    const types = Object.values(tables[kind].fields as Table['fields'])
    const isText = types.map((type) => type.startsWith('text'))
    return [
      kind,
      {
        texts: isText.flatMap((text, column) => (text ? [column] : [])),
        weights: isText.map((text, column) => (text ? undefined : weightAt(column))),
      },
    ]
  }),
)

/** The version has weight 1: a row that is written again adds its old version, whatever else it becomes. */
function weightAt(column: number): number {
  return column + 2
}

/** The weight of a number among the columns of its kind. */
export function weightOf(kind: Kind, field: string): number {
  return weightAt(Object.keys(tables[kind].fields).indexOf(field))
}

/** @param columns in table order, without the version */
export function checksumOfRow(kind: Kind, columns: Columns, version: number): number {
  const { texts, weights } = plans.get(kind) as Plan
  let text = ''
  for (const column of texts) text += columns[column] ?? nothing
  let sum = crc32(text) + version
  for (let column = 0; column < weights.length; column++) {
    const weight = weights[column]
    if (weight !== undefined) sum += weight * (((columns[column] as number | null) ?? noNumber) % modulus)
  }
  return sum
}

export function checksumOfEntry(entry: Entry): number {
  // One concatenation and one call: the calls are what costs, about 0.4 µs for a message.
  const text =
    entry.body +
    entry.chain +
    entry.digest +
    entry.salt +
    entry.client_msg_id +
    entry.sender_id +
    entry.conversation_id +
    entry.meta
  return (
    crc32(text) + entry.seq + 2 * (entry.id % modulus) + 3 * entry.msg_type + 5 * (entry.send_at % modulus)
  )
}
