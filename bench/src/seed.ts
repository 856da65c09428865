import Database from 'better-sqlite3'
import type { RowDataPacket } from 'mysql2/promise'
import { databaseOf, openMysql } from './engines/mysql.ts'

/**
 * Fills a store with more people than could be registered in the time (a password hash alone costs 30 ms by design):
 * rows that the server itself has written are copied, with other ids. The server must not run meanwhile.
 */
export interface Seed {
  /** Copies the one row that `where` finds `count` times; `replace` gives SQL for columns, with `n` from `from` on. */
  clone(table: string, where: string, range: Range, replace: Readonly<Record<string, string>>): Promise<void>
  /** Changes the rows that `where` finds; `values` are SQL. */
  set(table: string, where: string, values: Readonly<Record<string, string>>): Promise<void>
}

export interface Range {
  readonly from: number
  readonly count: number
}

/** What a clone takes of a database; both take SQL with "names" and || between texts. */
interface Tongue {
  columnsOf(table: string): Promise<string[]>
  /** Returns the number of rows it wrote. */
  run(sql: string): Promise<number>
}

/** @param file the server's database */
export async function seedSqlite(file: string, fill: (seed: Seed) => Promise<void>): Promise<void> {
  const db = new Database(file)
  try {
    db.exec('BEGIN')
    await fill(
      seedIn({
        columnsOf: async (table) =>
          db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[],
        run: async (sql) => db.prepare(sql).run().changes,
      }),
    )
    db.exec('COMMIT')
  } finally {
    db.close()
  }
}

export async function seedMysql(url: string, fill: (seed: Seed) => Promise<void>): Promise<void> {
  const db = await openMysql(url, databaseOf(url))
  try {
    await db.query("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES,PIPES_AS_CONCAT')")
    // Either name, by MariaDB or MySQL; the other is unknown.
    for (const bound of ['max_recursive_iterations', 'cte_max_recursion_depth'])
      await db.query(`SET SESSION ${bound} = 10000000`).catch(() => undefined)
    await db.query('BEGIN')
    await fill(
      seedIn({
        columnsOf: async (table) => {
          const [rows] = await db.query<RowDataPacket[]>(
            'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?',
            [databaseOf(url), table],
          )
          return rows.map((row) => String(row['name']))
        },
        run: async (sql) => {
          const [result] = await db.query(sql)
          return 'affectedRows' in result ? result.affectedRows : 0
        },
      }),
    )
    await db.query('COMMIT')
  } finally {
    db.destroy()
  }
}

/** What a row with other values has instead of the checksum of those it had: none. Only SQLite's rows have one. */
const unchecked = { checksum: 'NULL' }

function seedIn({ columnsOf, run }: Tongue): Seed {
  return {
    set: async (table, where, values) => {
      const columns = await columnsOf(table)
      const changes = Object.entries({ ...unchecked, ...values }).filter(([column]) =>
        columns.includes(column),
      )
      const text = changes.map(([column, value]) => `"${column}" = ${value}`).join(', ')
      await run(`UPDATE "${table}" SET ${text} WHERE ${where}`)
    },
    clone: async (table, where, { from, count }, replace) => {
      const columns = await columnsOf(table)
      const given: Readonly<Record<string, string>> = { ...unchecked, ...replace }
      const values = columns.map((column) => given[column] ?? `row1."${column}"`)
      const written = await run(
        `INSERT INTO "${table}" (${columns.map((c) => `"${c}"`).join(', ')}) ` +
          `WITH RECURSIVE step(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM step WHERE n < ${from + count - 1}) ` +
          `SELECT ${values.join(', ')} FROM (SELECT * FROM "${table}" WHERE ${where}) AS row1, step`,
      )
      if (written !== count) throw new Error(`${table}: ${written} rows copied instead of ${count}; ${where}`)
    },
  }
}
