import { randomBytes } from 'node:crypto'
import type { Connection } from 'mysql2/promise'
import { databaseOf, mysqlEngine, openMysql } from '../../engines/mysql.ts'
import type { Seat } from './server.ts'

/** A database of a peer's own on the common server. */
export interface PeerDatabase {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly name: string
  readonly durability: 'D0' | 'D1' | 'D2'
  /** Server, version and flush setting, in words. */
  readonly setting: string
  query(work: (connection: Connection) => Promise<unknown>): Promise<void>
  drop(): Promise<void>
}

export async function openDatabase({ mysqlUrl }: Seat, peer: string): Promise<PeerDatabase> {
  if (mysqlUrl === undefined) throw new Error(`${peer}: there is no MariaDB for its archive`)
  const { version, durability, setting } = await mysqlEngine.promises(mysqlUrl)
  const url = await mysqlEngine.fresh(mysqlUrl, `nexo_peer_${peer}_${randomBytes(4).toString('hex')}`)
  const { hostname, port, username, password } = new URL(url)
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    name: databaseOf(url),
    durability,
    setting: `archive in ${version}, ${setting}`,
    query: async (work) => {
      const connection = await openMysql(url, databaseOf(url))
      try {
        await work(connection)
      } finally {
        connection.destroy()
      }
    },
    drop: () => mysqlEngine.drop(url),
  }
}
