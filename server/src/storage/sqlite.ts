import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type {
  Change,
  CommitResult,
  Entry,
  Expectation,
  Proposal,
  Raise,
  Refusal,
  Store,
} from '../core/ports.ts'
import { type Key, type Kind, keyOf, type Table, tables } from '../core/tables.ts'
import { createLine } from './line.ts'
import { migrateSqlite } from './migrations/sqlite.ts'
import { fromRow, messageColumns, tableName, toColumn, toColumns } from './sql.ts'

type Statement = Database.Statement

/** Thrown inside the transaction to roll a refused batch back. */
class Refused extends Error {}

/**
 * The embedded store. WAL with synchronous=FULL: a commit returns after its fsync, so what is acked survives a
 * power cut (D2). Runs on the main thread: on two cores that was faster than a worker (performance.md 1.7).
 * @param file path of the database; its folder is made when missing
 */
export function openSqliteStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true })
  const db = new Database(file, { timeout: 1000 })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // What was recalled or erased must not lie on in free pages; it costs nothing that could be measured.
    db.pragma('secure_delete = ON')
    db.pragma('foreign_keys = ON')
    // Only one process may write: a second server on the same folder must fail at once, not at its first commit.
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('cache_size = -65536')
    // Eight megabytes: larger logs make rarer but longer pauses, which is what a p99 shows.
    db.pragma('wal_autocheckpoint = 2000')
    migrateSqlite(db)
    syncFolder(dirname(file))
  } catch (error) {
    db.close()
    throw explained(error, file)
  }
  const sql = statements(db)
  const inLine = createLine()
  const heads = new Map<string, number>()
  const log = openLog(db)
  return {
    traits: { durability: 'D2', isShared: false },
    get: async (kind, keys) => keys.map((key) => getRow(sql, kind, key)) as never,
    list: async (kind, index, prefix, page = {}) => {
      const fields = (tables[kind] as Table).indexes[index] ?? []
      const after = page.after ?? []
      const statement = sql.list(kind, fields, prefix.length, after.length)
      const rows = statement.all(...prefix.map(toColumn), ...after.map(toColumn), page.limit ?? -1)
      return rows.map((row) => fromRow(kind, row as Record<string, unknown>)) as never
    },
    read: async (conversation, from, to, limit) => sql.read.all(conversation, from, to, limit) as Entry[],
    heads: async (conversations) => conversations.map((c) => sql.head.get(c) as Entry | undefined),
    twins: async (keys) => keys.map(([sender, id]) => sql.twin.get(sender, id) as Entry | undefined),
    position: async () => log.position,
    commit: (propose) => inLine(() => commit(db, sql, { heads, log }, propose)),
    close: async () => {
      if (db.open) log.write(log.position + 1)
      db.close()
    },
  }
}

/** The folder entry of a new file is durable only once the folder is. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function explained(error: unknown, file: string): Error {
  const code = (error as { code?: string }).code ?? ''
  if (code.startsWith('SQLITE_BUSY')) {
    return new Error(`${file} is in use by another process; stop it or choose another data folder`, {
      cause: error,
    })
  }
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return new Error(`${file} is damaged; restore it from a backup`, { cause: error })
  }
  return error as Error
}

interface Statements {
  readonly insert: Statement
  readonly amend: Statement
  readonly read: Statement
  readonly head: Statement
  readonly headSeq: Statement
  readonly twin: Statement
  readonly get: (kind: Kind) => Statement
  readonly version: (kind: Kind) => Statement
  readonly put: (kind: Kind) => Statement
  readonly remove: (kind: Kind) => Statement
  readonly raise: (kind: Kind, fields: readonly string[]) => Statement
  readonly list: (kind: Kind, fields: readonly string[], prefix: number, after: number) => Statement
}

function statements(db: Database.Database): Statements {
  const prepared = new Map<string, Statement>()
  const prepare = (text: string): Statement => {
    const found = prepared.get(text) ?? db.prepare(text)
    prepared.set(text, found)
    return found
  }
  const columns = messageColumns.join(', ')
  const where = (fields: readonly string[]): string => fields.map((f) => `"${f}" = ?`).join(' AND ')
  const keyed = (kind: Kind): string => where(tables[kind].key)
  // Text built once per kind: the hot path must not put SQL together for every message.
  const perKind = (make: (kind: Kind) => string): ((kind: Kind) => Statement) => {
    const made = new Map<Kind, Statement>()
    return (kind) => {
      const statement = made.get(kind) ?? prepare(make(kind))
      made.set(kind, statement)
      return statement
    }
  }
  return {
    insert: db.prepare(
      `INSERT INTO im_message (${columns}) VALUES (${messageColumns.map(() => '?').join(', ')})`,
    ),
    amend: db.prepare(
      'UPDATE im_message SET body = ?, meta = ?, salt = ? WHERE conversation_id = ? AND seq = ?',
    ),
    read: db.prepare(
      `SELECT ${columns} FROM im_message WHERE conversation_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`,
    ),
    head: db.prepare(`SELECT ${columns} FROM im_message WHERE conversation_id = ? ORDER BY seq DESC LIMIT 1`),
    headSeq: db.prepare('SELECT max(seq) FROM im_message WHERE conversation_id = ?').pluck(),
    twin: db.prepare(`SELECT ${columns} FROM im_message WHERE sender_id = ? AND client_msg_id = ?`),
    get: perKind((kind) => `SELECT * FROM "${tableName(kind)}" WHERE ${keyed(kind)}`),
    version: perKind((kind) => `SELECT "version" FROM "${tableName(kind)}" WHERE ${keyed(kind)}`),
    put: perKind((kind) => putText(kind)),
    remove: perKind((kind) => `DELETE FROM "${tableName(kind)}" WHERE ${keyed(kind)}`),
    raise: (kind, fields) =>
      prepare(
        `UPDATE "${tableName(kind)}" SET ${fields.map((f) => `"${f}" = max("${f}", ?)`).join(', ')}, ` +
          `"version" = "version" + 1 WHERE ${keyed(kind)} AND (${fields.map((f) => `"${f}" < ?`).join(' OR ')})`,
      ),
    list: (kind, fields, prefix, after) => {
      const rest = fields.slice(prefix, prefix + after).map((f) => `"${f}"`)
      const beyond = after > 0 ? ` AND (${rest.join(', ')}) > (${rest.map(() => '?').join(', ')})` : ''
      const order = fields.map((f) => `"${f}"`).join(', ')
      const matched = prefix === 0 ? '1' : where(fields.slice(0, prefix))
      return prepare(`SELECT * FROM "${tableName(kind)}" WHERE ${matched}${beyond} ORDER BY ${order} LIMIT ?`)
    },
  }
}

function putText(kind: Kind): string {
  const fields = Object.keys(tables[kind].fields)
  const key: readonly string[] = tables[kind].key
  const others = fields.filter((f) => !key.includes(f)).map((f) => `"${f}" = excluded."${f}"`)
  return (
    `INSERT INTO "${tableName(kind)}" (${fields.map((f) => `"${f}"`).join(', ')}, "version") ` +
    `VALUES (${fields.map(() => '?').join(', ')}, 1) ` +
    `ON CONFLICT (${key.map((f) => `"${f}"`).join(', ')}) DO UPDATE SET ` +
    `${[...others, `"version" = "${tableName(kind)}"."version" + 1`].join(', ')}`
  )
}

function getRow(sql: Statements, kind: Kind, key: Key): Record<string, unknown> | undefined {
  const row = sql.get(kind).get(...key.map(toColumn))
  return row === undefined ? undefined : fromRow(kind, row as Record<string, unknown>)
}

/** Positions are reserved in blocks: a row written with every commit would cost a page of the log each time. */
const blockSize = 1_048_576

interface Log {
  /** Of the last change that stands. */
  position: number
  /** Up to which positions may be used without writing the row again. */
  reserved: number
  write(next: number): void
}

function openLog(db: Database.Database): Log {
  const read = db.prepare(`SELECT "next" FROM im_block WHERE "name" = 'log'`).pluck()
  const write = db.prepare(`UPDATE im_block SET "next" = ?, "version" = "version" + 1 WHERE "name" = 'log'`)
  const position = (read.get() as number) - 1
  return { position, reserved: position, write: (next) => void write.run(next) }
}

/** Last seqs remembered between commits. */
const headLimit = 200_000

/** What stays true from one commit to the next: nobody else writes this file. */
interface Known {
  readonly heads: Map<string, number>
  readonly log: Log
}

async function commit(
  db: Database.Database,
  sql: Statements,
  { heads, log }: Known,
  propose: Proposal,
): Promise<CommitResult> {
  const from = log.position + 1
  const changes = await propose(from)
  const refused: Refusal[] = []
  const batch = createBatch(sql, heads)
  const end = log.position + changes.length
  const reserved = end <= log.reserved ? log.reserved : end + blockSize
  try {
    db.transaction(() => {
      changes.forEach((change, index) => {
        const refusal = write(sql, batch, change, index)
        if (refusal) refused.push(refusal)
      })
      if (refused.length > 0) throw new Refused()
      batch.flush()
      if (reserved !== log.reserved) log.write(reserved + 1)
    }).immediate()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { from, refused }
  }
  log.position = end
  log.reserved = reserved
  if (heads.size > headLimit) heads.clear()
  for (const [conversation, seq] of batch.heads) heads.set(conversation, seq)
  return { from, refused }
}

/**
 * What one transaction knows already: a batch holds many messages of the same people, and asking the same question or
 * raising the same row for each of them was a third of its time.
 */
interface Batch {
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
function createBatch(sql: Statements, committed: ReadonlyMap<string, number>): Batch {
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

/** Writes one change, or says why it cannot stand; the whole batch is rolled back in that case. */
function write(sql: Statements, batch: Batch, change: Change, index: number): Refusal | undefined {
  for (const expected of change.expect ?? []) {
    if (!holds(batch, expected)) return { change: index, why: 'expect' }
  }
  if (change.append) {
    const refusal = append(sql, batch, change.append, index)
    if (refusal) return refusal
  }
  for (const { conversation_id, seq, body, meta, salt } of change.amend ?? []) {
    sql.amend.run(body, meta, salt, conversation_id, seq)
  }
  for (const { kind, row } of change.put ?? []) {
    batch.touching(kind, keyOf(kind, row))
    sql.put(kind).run(...toColumns(kind, row))
  }
  for (const raise of change.raise ?? []) batch.raise(raise)
  for (const { kind, key } of change.remove ?? []) {
    batch.touching(kind, key)
    sql.remove(kind).run(...key.map(toColumn))
  }
  return undefined
}

function append(sql: Statements, batch: Batch, entry: Entry, index: number): Refusal | undefined {
  // The unique key refuses a taken seq; only a seq that skips one needs the question.
  if (batch.head(entry.conversation_id) !== entry.seq - 1) return refusalOf(sql, entry, index)
  try {
    sql.insert.run(
      entry.conversation_id,
      entry.seq,
      entry.id,
      entry.sender_id,
      entry.client_msg_id,
      entry.msg_type,
      entry.body,
      entry.send_at,
      entry.meta,
      entry.salt,
      entry.digest,
      entry.chain,
    )
    batch.setHead(entry.conversation_id, entry.seq)
    return undefined
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_CONSTRAINT')) throw error
    return refusalOf(sql, entry, index)
  }
}

function refusalOf(sql: Statements, entry: Entry, index: number): Refusal {
  const twin = sql.twin.get(entry.sender_id, entry.client_msg_id) as Entry | undefined
  return twin ? { change: index, why: 'twin', twin } : { change: index, why: 'seq' }
}

function holds(batch: Batch, expected: Expectation): boolean {
  return 'conversation' in expected
    ? batch.head(expected.conversation) === expected.head
    : batch.version(expected.kind, expected.key) === expected.version
}

function raiseRow(sql: Statements, { kind, key, to }: Raise): void {
  const fields = Object.keys(to)
  const values = Object.values(to)
  sql.raise(kind, fields).run(...values, ...key.map(toColumn), ...values)
}
