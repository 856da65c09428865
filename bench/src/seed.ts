import Database from 'better-sqlite3'

/**
 * Fills a store with more people than could be registered in the time (a password hash alone costs 30 ms by design):
 * rows that the server itself has written are copied, with other ids. The server must not run meanwhile.
 */
export interface Seed {
  /** Copies the one row that `where` finds `count` times; `replace` gives SQL for columns, with `n` from `from` on. */
  clone(table: string, where: string, range: Range, replace: Readonly<Record<string, string>>): void
  run(sql: string): void
}

export interface Range {
  readonly from: number
  readonly count: number
}

/** @param file the server's database */
export function seedStore(file: string, fill: (seed: Seed) => void): void {
  const db = new Database(file)
  try {
    db.transaction(() =>
      fill({
        clone: (table, where, range, replace) => clone(db, table, where, range, replace),
        run: (sql) => void db.exec(sql),
      }),
    )()
  } finally {
    db.close()
  }
}

function clone(
  db: Database.Database,
  table: string,
  where: string,
  { from, count }: Range,
  replace: Readonly<Record<string, string>>,
): void {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]
  const values = columns.map((column) => replace[column] ?? `row."${column}"`)
  const { changes } = db
    .prepare(
      `WITH RECURSIVE step(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM step WHERE n < ${from + count - 1}) ` +
        `INSERT INTO "${table}" (${columns.map((c) => `"${c}"`).join(', ')}) ` +
        `SELECT ${values.join(', ')} FROM (SELECT * FROM "${table}" WHERE ${where}) AS row, step`,
    )
    .run()
  if (changes !== count) throw new Error(`${table}: ${changes} rows copied instead of ${count}; ${where}`)
}
