import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type {
  Amend,
  Change,
  CommitResult,
  Entry,
  Expectation,
  Proposal,
  Refusal,
  Store,
} from '../core/ports.ts'
import { keyOf } from '../core/tables.ts'
import { createLine } from './line.ts'
import { migrateSqlite, newestSqlite } from './migrations/sqlite.ts'
import { holdsData, keepBefore } from './migrations/sqlite-backup.ts'
import { toColumn, toColumns } from './sql.ts'
import { type Batch, createBatch } from './sqlite/batch.ts'
import { type Checkpoints, createCheckpoints } from './sqlite/checkpoints.ts'
import { checksumOfEntry, checksumOfRow, modulus, weightOf } from './sqlite/checksums.ts'
import { createDamage, refuseDamage } from './sqlite/damage.ts'
import {
  copyPages,
  explained,
  futureSentence,
  refuseFuture,
  syncFolder,
  versionOf,
  versionOfFile,
} from './sqlite/file.ts'
import { holdFile } from './sqlite/lock.ts'
import { refuseBrokenLog } from './sqlite/log.ts'
import { createReads, getRow, type Known } from './sqlite/reads.ts'
import { createRows, type Damaged, type Rows } from './sqlite/rows.ts'
import { type Statements, statements } from './sqlite/statements.ts'

/** Thrown inside the transaction to roll a refused batch back. */
class Refused extends Error {}

/**
 * The embedded store. WAL with synchronous=FULL: a commit returns after its fsync, so what is acked survives a
 * power cut (D2). Runs on the main thread: on two cores that was faster than a worker (performance.md 1.7).
 * @param file path of the database; its folder is made when missing
 * @param tell told in sentences when data of an earlier version are migrated, where they are kept as they were, and that
 *   the file was found damaged
 * @param damaged told of each damaged row, which is then read as it is; without it, the first one found ends the store's
 *   work: from then on it answers nothing (G9)
 */
export function openSqliteStore(
  file: string,
  tell: (line: string) => void = () => undefined,
  damaged?: Damaged,
): Store {
  mkdirSync(dirname(file), { recursive: true })
  const letGo = held(file)
  let db: Database.Database | undefined
  try {
    refuseFuture(file)
    refuseBrokenLog(file)
    db = new Database(file, { timeout: 1000 })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // What was recalled or erased must not lie on in free pages; it costs nothing that could be measured.
    db.pragma('secure_delete = ON')
    db.pragma('foreign_keys = ON')
    db.pragma('cache_size = -65536')
    // What an earlier process left behind its last commit must not stand behind ours: see `refuseBrokenLog`.
    db.pragma('wal_checkpoint(TRUNCATE)')
    migrate(db, file, tell)
    // From here on a thread does it (`checkpoints.ts`): here every socket would wait.
    db.pragma('wal_autocheckpoint = 0')
    syncFolder(dirname(file))
    sweepSnapshots(file)
    const damage = createDamage(file, tell)
    const checkpoints = createCheckpoints(db, file, tell)
    return damage.guard(openStore({ db, file, checkpoints, letGo }, createRows(damaged ?? damage.found)))
  } catch (error) {
    db?.close()
    letGo()
    throw explained(error, file)
  }
}

/** Only one process may write: a second server on the same folder must fail at once, not at its first commit. */
function held(file: string): () => void {
  try {
    return holdFile(file)
  } catch (error) {
    throw explained(error, file)
  }
}

interface Opened {
  readonly db: Database.Database
  readonly file: string
  readonly checkpoints: Checkpoints
  /** Another process may open the file then. */
  letGo(): void
}

function openStore({ db, file, checkpoints, letGo }: Opened, rows: Rows): Store {
  const sql = statements(db)
  const inLine = createLine()
  const known: Written = { sql, rows, heads: new Map(), log: openLog(db, sql, rows) }
  const { log } = known
  return {
    ...createReads(known),
    advance: (position) =>
      inLine(async () => {
        if (position <= log.position) return
        log.write(position + 1)
        log.position = log.reserved = position
      }),
    snapshot: () => snapshot(db, file),
    copyTo: (to, progress) => copyPages(db, to, progress),
    commit: (propose) =>
      inLine(async () => {
        const result = await commit(db, known, propose)
        checkpoints.wrote(log.position + 1 - result.from)
        return result
      }),
    close: () =>
      inLine(async () => {
        if (!db.open) return
        log.write(log.position + 1)
        await checkpoints.close()
        db.close()
        letGo()
      }),
  }
}

/** Copies what it holds into a file of its own before it is migrated, and says where that lies. */
function migrate(db: Database.Database, file: string, tell: (line: string) => void): void {
  const version = versionOf(db)
  if (version === newestSqlite) return
  if (version === 0 || !holdsData(db)) return migrateSqlite(db)
  tell(`${file}: the data is of version ${version}, this program writes ${newestSqlite}: it is migrated`)
  tell(`the data as it was is kept in ${keepBefore(db, file, version, new Date())}`)
  migrateSqlite(db)
  tell(`${file}: the data is of version ${newestSqlite} now`)
}

/**
 * A file that is only read, as a backup is: it stays byte for byte as it is. A commit throws.
 * Throws for data of another version than this program's.
 * @param damaged told of each damaged row, which is then read as it is; without it such a row throws
 */
export function openSqliteReader(file: string, damaged: Damaged = refuseDamage(file)): Store {
  const version = versionOfFile(file)
  if (version > newestSqlite) throw new Error(futureSentence(version))
  if (version < newestSqlite)
    throw new Error(`${file}: the data is of version ${version}, only ${newestSqlite} can be read`)
  const db = new Database(file, { readonly: true, timeout: 1000 })
  const readOnly = (): Promise<never> => Promise.reject(new Error('this store is only read'))
  let found: ReturnType<typeof createReads>
  try {
    const sql = statements(db)
    const rows = createRows(damaged)
    found = createReads({ sql, rows, heads: new Map(), log: openLog(db, sql, rows) })
  } catch (error) {
    db.close()
    throw new Error(`${file} holds no data of Nexo IM`, { cause: error })
  }
  return {
    ...found,
    commit: readOnly,
    advance: readOnly,
    close: async () => void db.close(),
  }
}

/** A copy beside the file, which goes when it is closed: the file itself stays free to be written. */
async function snapshot(db: Database.Database, file: string): Promise<Store> {
  const copy = `${file}.snapshot-${process.pid}-${Date.now()}`
  await copyPages(db, copy, () => undefined)
  const store = openSqliteReader(copy)
  return {
    ...store,
    close: async () => {
      await store.close()
      rmSync(copy, { force: true })
    },
  }
}

/** Copies that a process left behind when it died. */
function sweepSnapshots(file: string): void {
  const start = `${basename(file)}.snapshot-`
  for (const name of readdirSync(dirname(file)))
    if (name.startsWith(start)) rmSync(join(dirname(file), name), { force: true })
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

function openLog(db: Database.Database, sql: Statements, rows: Rows): Log {
  const gained = `1 + ${weightOf('block', 'next')} * (? % ${modulus} - "next" % ${modulus})`
  const write = db.prepare(
    `UPDATE im_block SET "checksum" = "checksum" + ${gained}, "next" = ?, "version" = "version" + 1 WHERE "name" = 'log'`,
  )
  const position = Number(getRow(sql, rows, 'block', ['log'])?.['next']) - 1
  if (!Number.isSafeInteger(position)) throw new Error('there is no log')
  return { position, reserved: position, write: (next) => void write.run(next, next) }
}

/** Last seqs remembered between commits. */
const headLimit = 200_000

/** What stays true from one commit to the next: nobody else writes this file. */
interface Written extends Known {
  readonly heads: Map<string, number>
  readonly log: Log
}

async function commit(db: Database.Database, known: Written, propose: Proposal): Promise<CommitResult> {
  const { sql, heads, log } = known
  const from = log.position + 1
  const changes = await propose(from)
  const refused: Refusal[] = []
  const batch = createBatch(sql, heads)
  const end = log.position + changes.length
  const reserved = end <= log.reserved ? log.reserved : end + blockSize
  try {
    db.transaction(() => {
      changes.forEach((change, index) => {
        const refusal = write(known, batch, change, index)
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

/** Writes one change, or says why it cannot stand; the whole batch is rolled back in that case. */
function write({ sql, rows }: Known, batch: Batch, change: Change, index: number): Refusal | undefined {
  for (const expected of change.expect ?? []) {
    if (!holds(batch, expected)) return { change: index, why: 'expect' }
  }
  if (change.append) {
    const refusal = append(sql, rows, batch, change.append, index)
    if (refusal) return refusal
  }
  for (const amend of change.amend ?? []) amendEntry(sql, rows, amend)
  for (const { kind, row } of change.put ?? []) {
    batch.touching(kind, keyOf(kind, row))
    const columns = toColumns(kind, row)
    sql.put(kind).run(...columns, checksumOfRow(kind, columns, 1))
  }
  for (const raise of change.raise ?? []) batch.raise(raise)
  for (const { kind, key } of change.remove ?? []) {
    batch.touching(kind, key)
    sql.remove(kind).run(...key.map(toColumn))
  }
  return undefined
}

function amendEntry(sql: Statements, rows: Rows, { conversation_id, seq, body, meta, salt }: Amend): void {
  const [values] = sql.read.all(conversation_id, seq, seq, 1)
  if (values === undefined) return
  const entry: Entry = { ...rows.entry(values, conversation_id), body, meta, salt }
  sql.amend.run(body, meta, salt, checksumOfEntry(entry), conversation_id, seq)
}

function append(sql: Statements, rows: Rows, batch: Batch, entry: Entry, index: number): Refusal | undefined {
  // The unique key refuses a taken seq; only a seq that skips one needs the question.
  if (batch.head(entry.conversation_id) !== entry.seq - 1) return refusalOf(sql, rows, entry, index)
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
      checksumOfEntry(entry),
    )
    batch.setHead(entry.conversation_id, entry.seq)
    return undefined
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_CONSTRAINT')) throw error
    return refusalOf(sql, rows, entry, index)
  }
}

function refusalOf(sql: Statements, rows: Rows, entry: Entry, index: number): Refusal {
  const values = sql.twin.get(entry.sender_id, entry.client_msg_id)
  return values === undefined
    ? { change: index, why: 'seq' }
    : { change: index, why: 'twin', twin: rows.entry(values) }
}

function holds(batch: Batch, expected: Expectation): boolean {
  return 'conversation' in expected
    ? batch.head(expected.conversation) === expected.head
    : batch.version(expected.kind, expected.key) === expected.version
}
