import type { Address } from '../mysql/address.ts'
import type { Connection, ServerRow } from '../mysql/connection.ts'
import { isNoTable } from '../mysql/failures.ts'
import { mysqlVersion3 } from './mysql-version-3.ts'

/** Numbered as those of SQLite, where 1 and 2 were before MySQL. A step, once released, never changes. */
const steps: readonly { readonly version: number; readonly text: string }[] = [
  { version: 3, text: mysqlVersion3 },
]

const newest = steps.at(-1)?.version ?? 0

/**
 * Brings the tables to the newest version, one node at a time. Changes of tables cannot be rolled back in MySQL, so every
 * statement of a step may be repeated, and the step is marked done behind it. Refuses data from the future.
 */
export async function migrateMysql(
  connection: Connection,
  address: Address,
  collation: string,
): Promise<void> {
  if ((await versionOf(connection)) === newest) return
  const seconds = Math.max(1, Math.floor(address.timeout / 1000) - 1)
  // Names of such locks are those of the whole server and at most 64 characters long.
  const lock = `CONCAT('nexo ', MD5(DATABASE()))`
  const [answer] = (await connection.query(`SELECT GET_LOCK(${lock}, ${seconds}) AS "got"`)) as ServerRow[]
  if (answer?.['got'] !== 1)
    throw new Error(
      `another node is changing the tables of "${address.database}" at ${address.place}: start again when it is done`,
    )
  try {
    await connection.query(
      tableOf(
        'CREATE TABLE IF NOT EXISTS im_schema ("version" BIGINT PRIMARY KEY, "applied_at" BIGINT NOT NULL)',
        collation,
      ),
    )
    const version = await versionOf(connection)
    for (const step of steps) if (step.version > version) await apply(connection, step, collation)
  } finally {
    if (connection.isOpen) await connection.query(`SELECT RELEASE_LOCK(${lock})`)
  }
}

/** 0 where nothing was made yet. */
async function versionOf(connection: Connection): Promise<number> {
  let version: number
  try {
    const [row] = (await connection.query('SELECT MAX("version") AS "version" FROM im_schema')) as ServerRow[]
    version = (row?.['version'] as number | null) ?? 0
  } catch (error) {
    if (isNoTable(error)) return 0
    throw error
  }
  if (version > newest)
    throw new Error(
      `the data is of version ${version}, this program knows ${newest}: start a newer Nexo IM on it`,
    )
  return version
}

async function apply(
  connection: Connection,
  { version, text }: (typeof steps)[number],
  collation: string,
): Promise<void> {
  for (const statement of text.split(';\n')) await connection.query(tableOf(statement, collation))
  await connection.query(
    `INSERT INTO im_schema ("version", "applied_at") VALUES (${version}, UNIX_TIMESTAMP() * 1000)`,
  )
}

/** What a new table is beside its columns; the collation is the engine's. */
function tableOf(statement: string, collation: string): string {
  if (!statement.trimStart().startsWith('CREATE TABLE')) return statement
  return `${statement} ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`
}
