import { type FieldType, type Kind, type Scalar, type Table, tables } from '../core/tables.ts'

/** How a dialect writes the column types; everything else here is the common subset. */
export interface ColumnTypes {
  readonly text: string
  readonly int: string
  readonly bool: string
}

/** The prefix is needed: a kind called `group` is an SQL keyword. */
export const tableName = (kind: Kind): string => `im_${kind}`

export const messageColumns = [
  'conversation_id',
  'seq',
  'id',
  'sender_id',
  'client_msg_id',
  'msg_type',
  'body',
  'send_at',
  'meta',
  'salt',
  'digest',
  'chain',
] as const

/** One table per record kind, one typed column per field: a DBA must be able to read them. For SQLite. */
export function createTable(kind: Kind, types: ColumnTypes): string[] {
  const table: Table = tables[kind]
  const columns = Object.entries(table.fields).map(([field, type]) => `"${field}" ${column(type, types)}`)
  columns.push(`"version" ${types.int} NOT NULL`, `"checksum" ${types.int}`)
  const key = table.key.map((f) => `"${f}"`).join(', ')
  const name = tableName(kind)
  const statements = [`CREATE TABLE "${name}" (${columns.join(', ')}, PRIMARY KEY (${key})) WITHOUT ROWID`]
  for (const [index, fields] of Object.entries(table.indexes)) {
    if (fields.join() === table.key.join()) continue
    statements.push(
      `CREATE INDEX "${name}_${index}" ON "${name}" (${fields.map((f) => `"${f}"`).join(', ')})`,
    )
  }
  return statements
}

/**
 * Widths, in characters, of texts that are part of a key or an index in MySQL, where all of an index together takes 3072
 * bytes and a character four. They are the limits of the contract, with room where the text is made by the program.
 */
const keyWidths: Readonly<Record<string, number>> = {
  conversation_id: 256,
  timer_id: 320,
  /** A nickname folded: that may take more characters than it had. */
  name_key: 600,
  name: 128,
  emoji: 32,
  queue: 16,
  task: 16,
}
/** Ids of users, groups and sessions, and tokens. */
const idWidth = 64

/**
 * The same for MySQL and MariaDB: one statement with its indexes, which does nothing where the table is there already,
 * because a step of a migration may be repeated.
 */
export function createMysqlTable(kind: Kind): string {
  const table: Table = tables[kind]
  const indexed = new Set([...table.key, ...Object.values(table.indexes).flat()])
  const lines = Object.entries(table.fields).map(([field, type]) => {
    const text = indexed.has(field) ? `VARCHAR(${keyWidths[field] ?? idWidth})` : 'MEDIUMTEXT'
    return `"${field}" ${column(type, { text, int: 'BIGINT', bool: 'TINYINT(1)' })}`
  })
  const quoted = (fields: readonly string[]): string => fields.map((f) => `"${f}"`).join(', ')
  lines.push('"version" BIGINT NOT NULL', `PRIMARY KEY (${quoted(table.key)})`)
  for (const [index, fields] of Object.entries(table.indexes)) {
    if (fields.join() !== table.key.join())
      lines.push(`KEY "${tableName(kind)}_${index}" (${quoted(fields)})`)
  }
  return `CREATE TABLE IF NOT EXISTS "${tableName(kind)}" (${lines.join(', ')})`
}

function column(type: FieldType, types: ColumnTypes): string {
  const nullable = type.endsWith('?')
  const plain = nullable ? type.slice(0, -1) : type
  return `${types[plain as keyof ColumnTypes]}${nullable ? '' : ' NOT NULL'}`
}

/** A row's values for its columns in table order, booleans as 0 and 1. */
export function toColumns(kind: Kind, row: Readonly<Record<string, Scalar>>): (string | number | null)[] {
  return Object.keys(tables[kind].fields).map((f) => toColumn(row[f] ?? null))
}

export function toColumn(value: Scalar): string | number | null {
  return typeof value === 'boolean' ? Number(value) : value
}

const booleans = new Map(
  (Object.keys(tables) as Kind[]).map((kind) => {
    const fields = Object.entries(tables[kind].fields as Table['fields'])
    return [kind, fields.flatMap(([f, type]) => (type === 'bool' ? [f] : []))]
  }),
)

/** The stored row in the domain's types; changes the row in place, it was made for this call. */
export function fromRow(kind: Kind, row: Record<string, unknown>): Record<string, unknown> {
  for (const field of booleans.get(kind) ?? []) row[field] = row[field] === 1
  return row
}
