import type { Amend, Entry, ListPage } from '../../core/ports.ts'
import { type Key, type Kind, type Scalar, type Table, tables } from '../../core/tables.ts'
import type { Outcome, StoredRow } from '../judge.ts'
import { messageColumns, tableName } from '../sql.ts'
import { inRuns } from './runs.ts'

/**
 * What every connection is told first. Names are quoted as in SQLite, and a quote is the only character that means
 * something inside a text, so writing literals takes one line. Nothing is cut or rounded in silence.
 */
export function sessionText(collation: string): string {
  // The collation of literals is that of the columns: else comparing a derived table with them is an error.
  return (
    `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES,NO_ENGINE_SUBSTITUTION', ` +
    `collation_connection = '${collation}'`
  )
}

/** Begins the transaction and takes the pen: whoever else wants to write waits here. */
export const penText = `SELECT "next" FROM im_block WHERE "name" = 'log' FOR UPDATE`
export const positionText = `SELECT "next" FROM im_block WHERE "name" = 'log'`

function text(value: string): string {
  return value.includes("'") ? `'${value.replaceAll("'", "''")}'` : `'${value}'`
}

/** Throws for what is no number: it would be read as SQL. */
function number(value: number): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`${value} is no number`)
  return String(value)
}

function literal(value: Scalar): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return number(value)
  if (value === null) return 'NULL'
  return value ? '1' : '0'
}

const columns = (alias: string): string => messageColumns.map((c) => `${alias}."${c}"`).join(', ')

/** Keys named in one statement: plans of longer ones take more time than a second statement. */
const keysAtOnce = 250
/** Characters of them; keys are short, but amended messages go the same way. */
const lengthAtOnce = 500_000

/** A table of ours, read along one of its indexes: statistics may be old, and for small tables they say "all of it". */
const along = (table: string, index: string): string => `"${table}" t FORCE INDEX ("${index}")`

/**
 * Finds rows by many keys, some statements of bounded length. The keys are a table of their own that is walked first, so
 * that each costs one descent of the index whatever the statistics say; `… OR …` and rows in `IN` left it to them.
 */
function byKeys(
  keys: readonly Key[],
  statement: (keyTable: string, name: (field: number) => string) => string,
): string[] {
  const rows = keys.map((key) => key.map(literal))
  const lengthOf = (row: readonly string[]): number => row.reduce((sum, value) => sum + value.length + 2, 7)
  return inRuns(rows, lengthOf, { limit: lengthAtOnce, atOnce: keysAtOnce }).map((run) => {
    const selects = run.map((row, r) => {
      // The first names the columns of all.
      const values = r === 0 ? row.map((value, f) => `${value} AS "k${f}"`) : row
      return `SELECT ${values.join(', ')}`
    })
    return statement(`(${selects.join(' UNION ALL ')}) k`, (field) => `k."k${field}"`)
  })
}

const matching = (fields: readonly string[], name: (field: number) => string): string =>
  fields.map((f, i) => `t."${f}" = ${name(i)}`).join(' AND ')

function selectByKeys(
  what: string,
  table: string,
  fields: readonly string[],
  keys: readonly Key[],
): string[] {
  const [only] = keys
  if (keys.length === 1 && only)
    return [`SELECT ${what} FROM ${table} WHERE ${matching(fields, (i) => literal(only[i] ?? null))}`]
  return byKeys(
    keys,
    (k, name) => `SELECT ${what} FROM ${k} STRAIGHT_JOIN ${table} ON ${matching(fields, name)}`,
  )
}

export const recordTexts = (kind: Kind, keys: readonly Key[]): string[] =>
  selectByKeys('t.*', along(tableName(kind), 'PRIMARY'), tables[kind].key, keys)

export const twinTexts = (keys: readonly Key[]): string[] =>
  selectByKeys(columns('t'), along('im_message', 'im_message_twin'), ['sender_id', 'client_msg_id'], keys)

const messages = along('im_message', 'PRIMARY')

const lastOf = (conversation: string): string =>
  `SELECT x."seq" FROM im_message x FORCE INDEX ("PRIMARY") WHERE x."conversation_id" = ${conversation} ORDER BY x."seq" DESC LIMIT 1`

/** The last entry of each: one descent for its seq and one for the entry, however long the conversation is. */
export const headTexts = (conversations: readonly string[]): string[] =>
  byKeys(
    conversations.map((c) => [c]),
    (k, name) =>
      `SELECT ${columns('t')} FROM ${k} STRAIGHT_JOIN ${messages} ` +
      `ON t."conversation_id" = ${name(0)} AND t."seq" = (${lastOf(name(0))})`,
  )

/** Only conversation and last seq, null where none was written. */
export const headSeqTexts = (conversations: readonly string[]): string[] =>
  byKeys(
    conversations.map((c) => [c]),
    (k, name) => `SELECT ${name(0)} AS "conversation_id", (${lastOf(name(0))}) AS "seq" FROM ${k}`,
  )

export const readText = (conversation: string, from: number, to: number, limit: number): string =>
  `SELECT ${columns('t')} FROM ${messages} WHERE t."conversation_id" = ${text(conversation)} ` +
  `AND t."seq" BETWEEN ${number(from)} AND ${number(to)} ORDER BY t."seq" LIMIT ${number(limit)}`

/** Rows along an index, as the port promises. */
export function listText(kind: Kind, index: string, prefix: Key, page: ListPage): string {
  const table: Table = tables[kind]
  const fields = table.indexes[index] ?? []
  const name = fields.join() === table.key.join() ? 'PRIMARY' : `${tableName(kind)}_${index}`
  return alongText(kind, name, fields, prefix, page)
}

export const scanText = (kind: Kind, page: ListPage): string =>
  alongText(kind, 'PRIMARY', tables[kind].key, [], page)

function alongText(
  kind: Kind,
  index: string,
  fields: readonly string[],
  prefix: Key,
  { after = [], limit }: ListPage,
): string {
  const conditions = prefix.map((v, i) => `t."${fields[i]}" = ${literal(v)}`)
  if (after.length > 0) conditions.push(beyond(fields.slice(prefix.length), after))
  return (
    `SELECT t.* FROM ${along(tableName(kind), index)} ` +
    `${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')} ` : ''}` +
    `ORDER BY ${fields.map((f) => `t."${f}"`).join(', ')}` +
    `${limit === undefined ? '' : ` LIMIT ${number(limit)}`}`
  )
}

/** Jumps from conversation to conversation, however many messages lie between. */
export const conversationsText = (after: string | undefined, limit: number): string =>
  'SELECT DISTINCT "conversation_id" FROM im_message FORCE INDEX FOR GROUP BY ("PRIMARY") ' +
  `${after === undefined ? '' : `WHERE "conversation_id" > ${text(after)} `}` +
  `ORDER BY "conversation_id" LIMIT ${number(limit)}`

/** `(a, b) > (x, y)` written out: in that short form MySQL finds no place to start in the index. */
function beyond([field, ...others]: readonly string[], [value, ...more]: Key): string {
  const at = `t."${field}"`
  const bound = literal(value ?? null)
  if (more.length === 0) return `${at} > ${bound}`
  return `${at} >= ${bound} AND (${at} > ${bound} OR (${at} = ${bound} AND ${beyond(others, more)}))`
}

/**
 * All that a batch leaves behind, as queries of at most `limit` characters that are sent one after another; the last one
 * commits. Messages come first: where the unique keys refuse one, nothing else was written yet.
 * @param next position after the batch
 */
export function writingTexts(outcome: Outcome, next: number, limit: number): string[] {
  const { entries, amends } = outcome
  const statements = rowTexts(insertHead, entries.map(entryTuple), '', limit)
  const puts = new Map<Kind, string[]>()
  const removed = new Map<Kind, Key[]>()
  for (const { kind, key, after } of outcome.records.values()) {
    if (after) entryOf(puts, kind).push(recordTuple(kind, after))
    else entryOf(removed, kind).push(key)
  }
  for (const [kind, rows] of puts)
    statements.push(...rowTexts(putHeads[kind], rows, ` ON DUPLICATE KEY UPDATE ${putTails[kind]}`, limit))
  for (const [kind, keys] of removed) statements.push(...removeTexts(kind, keys))
  statements.push(...amendTexts(amends))
  return packed([...statements, ...endTexts(next)], limit)
}

/** Moves the position without writing anything else. */
export const advanceTexts = (next: number): string[] => [endTexts(next).join(';')]

const endTexts = (next: number): string[] => [
  `UPDATE im_block SET "next" = ${number(next)}, "version" = "version" + 1 WHERE "name" = 'log'`,
  'COMMIT',
]

function entryOf<K, V>(map: Map<K, V[]>, key: K): V[] {
  const known = map.get(key)
  if (known) return known
  const made: V[] = []
  map.set(key, made)
  return made
}

const names = (fields: readonly string[]): string => fields.map((f) => `"${f}"`).join(', ')
const insertHead = `INSERT INTO im_message (${names(messageColumns)}) VALUES `

function perKind<T>(make: (kind: Kind) => T): Readonly<Record<Kind, T>> {
  const kinds = Object.keys(tables) as Kind[]
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, T>
}

const fieldsOf = perKind((kind) => Object.keys(tables[kind].fields))
const putHeads = perKind(
  (kind) => `INSERT INTO "${tableName(kind)}" (${names([...fieldsOf[kind], 'version'])}) VALUES `,
)
const putTails = perKind((kind) => {
  const key: readonly string[] = tables[kind].key
  const others = [...fieldsOf[kind], 'version'].filter((f) => !key.includes(f))
  return others.map((f) => `"${f}" = VALUES("${f}")`).join(', ')
})

/** Written out, because it is done for every message. */
function entryTuple(e: Entry): string {
  return (
    `(${text(e.conversation_id)},${number(e.seq)},${number(e.id)},${text(e.sender_id)},` +
    `${text(e.client_msg_id)},${number(e.msg_type)},${text(e.body)},${number(e.send_at)},` +
    `${text(e.meta)},${text(e.salt)},${text(e.digest)},${text(e.chain)})`
  )
}

function recordTuple(kind: Kind, row: StoredRow): string {
  let tuple = '('
  for (const field of fieldsOf[kind]) tuple += `${literal(row[field] ?? null)},`
  return `${tuple}${number(row.version)})`
}

function removeTexts(kind: Kind, keys: readonly Key[]): string[] {
  return byKeys(
    keys,
    (k, name) =>
      `DELETE t FROM ${k} STRAIGHT_JOIN ${along(tableName(kind), 'PRIMARY')} ` +
      `ON ${matching(tables[kind].key, name)}`,
  )
}

function amendTexts(amends: readonly Amend[]): string[] {
  // Only the last of several counts; in one statement the server might take either.
  const last = new Map(amends.map((a) => [`${a.conversation_id}\0${a.seq}`, a]))
  const rows = [...last.values()].map((a) => [a.conversation_id, a.seq, a.body, a.meta, a.salt])
  return byKeys(
    rows,
    (k, name) =>
      `UPDATE ${k} STRAIGHT_JOIN ${messages} ON ${matching(['conversation_id', 'seq'], name)} ` +
      `SET t."body" = ${name(2)}, t."meta" = ${name(3)}, t."salt" = ${name(4)}`,
  )
}

/** One statement per `limit` characters of rows. */
function rowTexts(head: string, tuples: readonly string[], tail: string, limit: number): string[] {
  return inRuns(tuples, (tuple) => tuple.length + 1, { limit }).map(
    (rows) => `${head}${rows.join(',')}${tail}`,
  )
}

/** As many statements in one query as fit: each query is a way to the server and back while the pen is held. */
function packed(statements: readonly string[], limit: number): string[] {
  return inRuns(statements, (statement) => statement.length, { limit }).map((run) => run.join(';\n'))
}
