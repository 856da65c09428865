import type { StoreTraits } from '../../core/ports.ts'
import type { Address } from './address.ts'
import { type Connection, connect, type ServerRow } from './connection.ts'
import { sessionText } from './texts.ts'

/** What a server turned out to be. */
export interface Server {
  readonly collation: string
  readonly durability: StoreTraits['durability']
  /** Characters of one query: it must fit the server's packet when each of them takes three bytes. */
  readonly queryLimit: number
}

const asked = [
  'version',
  'innodb_flush_log_at_trx_commit',
  'innodb_flush_method',
  'innodb_doublewrite',
  'log_bin',
  'sync_binlog',
  'max_allowed_packet',
]

/** What the server tells of itself; throws a sentence where this program cannot work with it. */
export async function readServer(connection: Connection, { place }: Address): Promise<Server> {
  const names = asked.map((name) => `'${name}'`).join(', ')
  const rows = await connection.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  const pairs = (rows as ServerRow[]).map((r) => [String(r['Variable_name']), String(r['Value'])] as const)
  return judgeServer(new Map(pairs), place)
}

/** Each packet carries many statements: smaller ones would only cost more ways to the server. */
const leastPacket = 8 * 1024 * 1024

export function judgeServer(variables: ReadonlyMap<string, string>, place: string): Server {
  const version = variables.get('version') ?? ''
  const isMaria = /mariadb/i.test(version)
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const isNew = isMaria ? major * 100 + minor >= 1006 : major >= 8
  if (!isNew)
    throw new Error(
      `the server at ${place} is version ${version || 'unknown'}, which is too old: MySQL 8.0 or MariaDB 10.6 is the least`,
    )
  const packet = Number(variables.get('max_allowed_packet'))
  if (packet < leastPacket)
    throw new Error(
      `the server at ${place} has max_allowed_packet=${packet}: set it to ${leastPacket} or more, 16M is usual`,
    )
  return {
    // Byte by byte and without padding: 'ann ' is another id than 'ann'.
    collation: isMaria ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin',
    durability: syncs(variables) ? 'D2' : 'D1',
    queryLimit: Math.floor(Math.min(packet, 4 * leastPacket) / 8),
  }
}

/** Whether what is committed survives a power cut. With a binary log that is not synced recovery may drop commits. */
function syncs(variables: ReadonlyMap<string, string>): boolean {
  const isOn = (name: string): boolean => /^(on|1)$/i.test(variables.get(name) ?? '')
  return (
    variables.get('innodb_flush_log_at_trx_commit') === '1' &&
    !/nosync/i.test(variables.get('innodb_flush_method') ?? '') &&
    !/^(off|0)$/i.test(variables.get('innodb_doublewrite') ?? '') &&
    (!isOn('log_bin') || variables.get('sync_binlog') === '1')
  )
}

/** A connection for reads: each statement sees what is committed when it begins. */
export async function openReader(address: Address, { collation }: Server): Promise<Connection> {
  const connection = await connect(address, true)
  await told(connection, [sessionText(collation)])
  return connection
}

/** The connection that holds the pen. It waits for it no longer than the timeout, and holds it no longer when it stalls. */
export async function openWriter(address: Address, { collation }: Server): Promise<Connection> {
  const connection = await connect(address, true)
  const seconds = address.timeout / 1000
  const held = Math.max(2, Math.ceil(seconds))
  await told(connection, [
    `${sessionText(collation)}, autocommit = 0, ` +
      `innodb_lock_wait_timeout = ${Math.max(1, Math.floor(seconds))}, ` +
      `wait_timeout = ${held}, interactive_timeout = ${held}; ` +
      // What is read under the pen is the last commit, not what stood when the transaction began.
      'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ])
  return connection
}

async function told(connection: Connection, texts: readonly string[]): Promise<void> {
  try {
    for (const text of texts) await connection.query(text)
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** Writes nothing, but fails where writing would: a read-only server or user must be known before the first message. */
export async function proveWritable(connection: Connection): Promise<void> {
  const none = `WHERE "name" = 'none' AND 1 = 0`
  await connection.query(`INSERT INTO im_block SELECT * FROM im_block ${none}`)
  await connection.query(`UPDATE im_block SET "next" = "next" ${none}`)
  await connection.query(`DELETE FROM im_block ${none}`)
}
