import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ended, generate, nextMessage, startChild } from '../child.ts'
import { mysqlEngine } from '../engines/mysql.ts'
import type { LoadClient } from '../load/plan.ts'
import { measureBaseline } from '../scenarios/baseline.ts'
import type { Pace } from './load/plan.ts'
import { blankRun, judged, measured, type Run } from './run.ts'

export interface WsTask {
  readonly kind: 'echo' | 'broadcast'
  readonly pace: Pace
  readonly clients: number
  readonly seconds: number
  readonly text: string
}

/** What the bare WebSocket library does with the same frames: no messages, no store, no checks. */
export async function runBareWs({ kind, pace, clients, seconds, text }: WsTask): Promise<Run> {
  const child = startChild(new URL('../ceiling.ts', import.meta.url), [kind])
  try {
    const { port } = await nextMessage<{ port: number }>(child)
    const result = await generate({
      host: '127.0.0.1',
      port,
      serverPids: [child.pid as number],
      codec: 'nexo.v1',
      peer: kind,
      clients: Array.from({ length: clients }, (_, i) => clientOf(i, kind)),
      conversations: [],
      seconds,
      warmUp: 0.25,
      text,
      ...pace,
    })
    const failed = [
      ...result.complaints,
      ...(result.lost > 0 ? [`${result.lost} connections were lost`] : []),
    ]
    return {
      ...blankRun({ who: `bare ws ${kind}`, durability: 'D0', setting: 'frames only, in memory' }),
      ...measured(result, pace.kind),
      ...judged(failed, []),
    }
  } finally {
    child.kill()
    await ended(child)
  }
}

function clientOf(index: number, kind: WsTask['kind']): LoadClient {
  const token = String(index)
  if (kind === 'echo') return { token, target: { recv_id: String(index ^ 1) } }
  return index === 0 ? { token, target: { group_id: '1' } } : { token }
}

/** The rows of messages alone, on the database server that our own side used. */
export async function runBareMysql(url: string): Promise<Run[]> {
  const { version, durability, setting } = await mysqlEngine.promises(url)
  const place = await mysqlEngine.fresh(url, `nexo_peer_inserts_${process.pid}`)
  try {
    const { single, at32, batched } = await measureBaseline(place, Number.NaN)
    const run = (how: string, rows: number): Run => ({
      ...blankRun({ who: `bare inserts, ${how}`, durability, setting: `${version}, ${setting}` }),
      rowsPerSecond: rows,
    })
    return [
      run('one row a transaction, 1 connection', single),
      run('one row a transaction, 32 connections', at32),
      run('100 rows a transaction, 1 connection', batched),
    ]
  } finally {
    await mysqlEngine.drop(place)
  }
}

const conversations = 100
const warmUpMs = 1000
const measuredMs = 4000

/** The same rows in an SQLite file with the settings that ours is shipped with: WAL, synchronous FULL. */
export function runBareSqlite(folder: string): Run[] {
  return [1, 100].map((rows) => {
    const home = mkdtempSync(join(folder, 'inserts-'))
    const db = new Database(join(home, 'inserts.db'))
    try {
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      return {
        ...blankRun({
          who: `bare inserts, ${rows === 1 ? 'one row' : `${rows} rows`} a transaction`,
          durability: 'D2',
          setting: `SQLite ${String(db.prepare('SELECT sqlite_version()').pluck().get())}, synchronous=FULL`,
        }),
        rowsPerSecond: insertRate(db, rows),
      }
    } finally {
      db.close()
      rmSync(home, { recursive: true, force: true })
    }
  })
}

function insertRate(db: Database.Database, rowsAtOnce: number): number {
  db.exec(`CREATE TABLE message (conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, sender_id TEXT NOT NULL,
      client_msg_id TEXT NOT NULL, body TEXT NOT NULL, send_at INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID;
    CREATE UNIQUE INDEX message_twin ON message (sender_id, client_msg_id);
    CREATE TABLE head (conversation_id TEXT PRIMARY KEY, max_seq INTEGER NOT NULL) WITHOUT ROWID`)
  const insert = db.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)')
  const raise = db.prepare(
    'INSERT INTO head VALUES (?, ?) ON CONFLICT DO UPDATE SET max_seq = excluded.max_seq',
  )
  const body = JSON.stringify({ text: 'x'.repeat(300) })
  let count = 0
  const batch = db.transaction(() => {
    for (let i = 0; i < rowsAtOnce; i++, count++) {
      const [conversation, seq] = [`c${count % conversations}`, Math.floor(count / conversations) + 1]
      insert.run(conversation, seq, 'bench', String(count), body, Date.now())
      raise.run(conversation, seq)
    }
  })
  const from = performance.now() + warmUpMs
  while (performance.now() < from) batch()
  const [start, before] = [performance.now(), count]
  while (performance.now() < start + measuredMs) batch()
  return Math.round((count - before) / ((performance.now() - start) / 1000))
}
