import type { Connection } from 'mysql2/promise'
import { databaseOf, openMysql } from '../engines/mysql.ts'
import type { Baseline } from '../report.ts'
import { text } from './pairs.ts'

/** As many as 200 clients in pairs have: connections meet at their heads, as messages do. */
const conversations = 100
const connectionsAtMost = 32
const rowsAtOnce = 100
const warmUpMs = 1000
const measuredMs = 4000

const tables = [
  `CREATE TABLE bench_message (conversation_id VARCHAR(256) NOT NULL, seq BIGINT NOT NULL, sender_id VARCHAR(64) NOT NULL,
     client_msg_id VARCHAR(64) NOT NULL, body MEDIUMTEXT NOT NULL, send_at BIGINT NOT NULL,
     PRIMARY KEY (conversation_id, seq), UNIQUE KEY (sender_id, client_msg_id))`,
  'CREATE TABLE bench_head (conversation_id VARCHAR(256) NOT NULL PRIMARY KEY, max_seq BIGINT NOT NULL)',
]
const nextSeq = 'UPDATE bench_head SET max_seq = LAST_INSERT_ID(max_seq + 1) WHERE conversation_id = ?'
const oneMessage = 'INSERT INTO bench_message VALUES (?, LAST_INSERT_ID(), ?, ?, ?, ?)'
const manyHeads = 'INSERT INTO bench_head VALUES ? ON DUPLICATE KEY UPDATE max_seq = VALUES(max_seq)'

/** Writes something and says how many rows. */
type Write = (connection: Connection, lane: number) => Promise<number>

/**
 * What messages cost the same database without group commit: a transaction of its own for each, which moves the head of
 * its conversation and inserts the message with the seq it got; and, for comparison, such rows a hundred at a time.
 * @param acksPerSecond of the server in the same run
 */
export async function measureBaseline(url: string, acksPerSecond: number): Promise<Baseline> {
  const lanes: Connection[] = []
  try {
    while (lanes.length < connectionsAtMost) lanes.push(await openMysql(url, databaseOf(url)))
    const [first] = lanes as [Connection]
    for (const sql of tables) await first.query(sql)
    await first.query(manyHeads, [ids('one').map((id) => [id, 0])])
    const single = await rateOf([first], oneByOne('single'))
    const at32 = await rateOf(lanes, oneByOne('many'))
    const batched = await rateOf([first], inBatches())
    for (const table of ['bench_message', 'bench_head']) await first.query(`DROP TABLE ${table}`)
    const times = (rate: number): number => Math.round((acksPerSecond / rate) * 100) / 100
    return { single, at32, batched, ratioToSingle: times(single), ratioTo32: times(at32) }
  } finally {
    for (const connection of lanes) connection.destroy()
  }
}

function ids(kind: string): string[] {
  return Array.from({ length: conversations }, (_, c) => `${kind}:${c}`)
}

/** Rows a second over all these connections. */
async function rateOf(lanes: readonly Connection[], write: Write): Promise<number> {
  const from = performance.now() + warmUpMs
  const to = from + measuredMs
  let measured = 0
  const work = async (connection: Connection, lane: number): Promise<void> => {
    while (performance.now() < to) {
      const rows = await write(connection, lane)
      const now = performance.now()
      if (now >= from && now < to) measured += rows
    }
  }
  await Promise.all(lanes.map(work))
  return Math.round(measured / (measuredMs / 1000))
}

const body = JSON.stringify({ text })

function oneByOne(run: string): Write {
  const heads = ids('one')
  let count = 0
  return async (connection, lane) => {
    const n = count++
    const conversation = heads[n % conversations] as string
    await connection.query('BEGIN')
    await connection.query(nextSeq, [conversation])
    await connection.query(oneMessage, [conversation, `${run}-${lane}`, String(n), body, Date.now()])
    await connection.query('COMMIT')
    return 1
  }
}

/** One writer knows the heads, as the server's does. */
function inBatches(): Write {
  const seqs = new Map(ids('batch').map((id) => [id, 0]))
  let count = 0
  return async (connection) => {
    const messages: (string | number)[][] = []
    for (let i = 0; i < rowsAtOnce; i++, count++) {
      const conversation = `batch:${count % conversations}`
      const seq = (seqs.get(conversation) ?? 0) + 1
      seqs.set(conversation, seq)
      messages.push([conversation, seq, 'batch', String(count), body, Date.now()])
    }
    await connection.query('BEGIN')
    await connection.query('INSERT INTO bench_message VALUES ?', [messages])
    await connection.query(manyHeads, [messages.map(([conversation, seq]) => [conversation, seq])])
    await connection.query('COMMIT')
    return rowsAtOnce
  }
}
