import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Engine } from './engine.ts'

/** A connection to the server of a URL `mysql://user:password@host:port/database`. */
export function openMysql(url: string, database?: string): Promise<Connection> {
  const { hostname, port, username, password } = new URL(url)
  return createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectTimeout: 2000,
    ...(database !== undefined && { database }),
  })
}

async function withMysql<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await openMysql(url)
  try {
    return await work(connection)
  } finally {
    connection.destroy()
  }
}

export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

export const mysqlEngine: Engine = {
  service: 'mariadb',
  variable: 'MYSQL_URL',
  ping: (url) => withMysql(url, (connection) => connection.ping()),
  promises: (url) =>
    withMysql(url, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>(
        'SELECT VERSION() AS version, @@innodb_flush_log_at_trx_commit AS flush',
      )
      const { version, flush } = rows[0] as RowDataPacket
      const name = String(version).includes('MariaDB') ? String(version) : `MySQL ${version}`
      return { version: name, durability: flush === 1 ? 'D2' : 'D1', setting: `flush=${flush}` }
    }),
  fresh: async (url, name) => {
    await withMysql(url, (connection) => connection.query(`CREATE DATABASE \`${name}\``))
    const place = new URL(url)
    place.pathname = `/${name}`
    return place.href
  },
  drop: (url) =>
    withMysql(url, async (connection) => {
      await connection.query(`DROP DATABASE IF EXISTS \`${databaseOf(url)}\``)
    }),
}
