import { hash } from 'node:crypto'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Store } from '../../core/ports.ts'
import { tables } from '../../core/tables.ts'
import { mysqlVersion3 } from '../../storage/migrations/mysql-version-3.ts'
import { openMysqlStore } from '../../storage/mysql.ts'

export interface FreshMysql {
  readonly store: Store
  /** For a second store on the same data. */
  readonly url: string
}

const logBegin = `UPDATE im_block SET next = 1000001, version = 1 WHERE name = 'log'`

/** An empty store on the server at `url`; see `freshMysql`. */
export async function freshMysqlStore(url: string): Promise<Store> {
  return (await freshMysql(url)).store
}

/**
 * An empty store and its URL. Databases are kept for the next test, because making one takes a hundred times as long as
 * emptying it; a lock of the server lends each to one store at a time, over all processes. Their name tells the tables
 * they hold, so that a change of those never meets old ones.
 * @param url of a server where databases `nexo_test_…` may be made; the database in it is not touched
 */
export async function freshMysql(url: string): Promise<FreshMysql> {
  const server = new URL(url)
  const connection = await createConnection({
    host: server.hostname,
    port: Number(server.port || 3306),
    user: decodeURIComponent(server.username),
    password: decodeURIComponent(server.password),
    multipleStatements: true,
  })
  const query = async (text: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(text))[0]
  try {
    server.pathname = `/${await borrow(query)}`
    // Some tests hold dozens of stores, and a server takes 151 connections unless it is told otherwise.
    server.search = '?pool_size=3'
    const store = await openMysqlStore(server.href)
    await empty(query)
    return {
      url: server.href,
      store: {
        ...store,
        close: async () => {
          await store.close()
          // With the connection goes the lock.
          await connection.end()
        },
      },
    }
  } catch (error) {
    connection.destroy()
    throw error
  }
}

type Query = (text: string) => Promise<RowDataPacket[]>

/** The first database that nobody holds. */
async function borrow(query: Query): Promise<string> {
  const shape = hash('sha256', mysqlVersion3, 'hex').slice(0, 8)
  for (let n = 0; ; n++) {
    const name = `nexo_test_${shape}_${n}`
    const [row] = await query(`SELECT GET_LOCK('${name}', 0) AS got`)
    if (row?.['got'] !== 1) continue
    await query(`CREATE DATABASE IF NOT EXISTS ${name}; USE ${name}`)
    return name
  }
}

/** Only tables that hold something are written to: one look at all of them costs less than a delete in each. */
async function empty(query: Query): Promise<void> {
  const names = ['message', ...Object.keys(tables)].map((kind) => `im_${kind}`)
  const looks = names.map((name) => `SELECT '${name}' AS name, EXISTS (SELECT 1 FROM ${name}) AS used`)
  const rows = await query(looks.join(' UNION ALL '))
  const used = rows.filter((row) => row['used'] === 1 && row['name'] !== 'im_block')
  await query(
    [
      'BEGIN',
      ...used.map((row) => `DELETE FROM ${String(row['name'])}`),
      `DELETE FROM im_block WHERE name <> 'log'`,
      logBegin,
      'COMMIT',
    ].join(';'),
  )
}
