import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Kind, tables } from '../../core/tables.ts'
import { serverUrl } from '../../testing/stores/fresh.ts'
import { openMysqlStore } from '../mysql.ts'
import { createMysqlTable } from '../sql.ts'

const server = serverUrl('mysql')
const kinds = Object.keys(tables) as Kind[]

describe.skipIf(server === undefined)('the tables in MySQL', () => {
  const name = `nexo_migration_${process.pid}`
  const url = new URL(server ?? 'mysql://unset')
  url.pathname = `/${name}`
  let run: (text: string) => Promise<RowDataPacket[]>
  let end: () => Promise<void>
  beforeAll(async () => {
    const connection = await createConnection({
      host: url.hostname,
      port: Number(url.port || 3306),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    })
    await connection.query("SET SESSION sql_mode = 'ANSI_QUOTES'")
    run = async (text) => (await connection.query<RowDataPacket[]>(text))[0]
    end = () => connection.end()
  })
  beforeEach(async () => {
    await run(`DROP DATABASE IF EXISTS ${name}`)
    await run(`CREATE DATABASE ${name}`)
    await run(`USE ${name}`)
  })
  afterAll(async () => {
    await run(`DROP DATABASE IF EXISTS ${name}`)
    await end()
  })

  const open = async (): Promise<void> => (await openMysqlStore(url.href)).close()
  const versions = async (): Promise<number[]> =>
    (await run('SELECT version FROM im_schema ORDER BY version')).map((r) => r['version'] as number)

  it('are what the table of record kinds says', async () => {
    await open()
    const shape = async (table: string): Promise<string> => {
      const [row] = await run(`SHOW CREATE TABLE "${table}"`)
      return String(row?.['Create Table']).replace(`CREATE TABLE "${table}"`, '')
    }
    for (const kind of kinds) {
      const migrated = await shape(`im_${kind}`)
      await run(`DROP TABLE "im_${kind}"`)
      await run(
        `${createMysqlTable(kind)} ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
      )
      expect([kind, migrated]).toEqual([kind, await shape(`im_${kind}`)])
    }
  })

  it('are made once, and the log begins where it begins in every store', async () => {
    await open()
    const [before] = await run('SELECT * FROM im_schema')
    const store = await openMysqlStore(url.href)
    expect(await store.position()).toBe(1_000_000)
    await store.close()
    expect(await run('SELECT * FROM im_schema')).toEqual([before])
  })

  it('are completed after a kill in the middle', async () => {
    await open()
    await run('DROP TABLE im_timer')
    await run('DROP TABLE im_block')
    await run('DELETE FROM im_schema')
    const store = await openMysqlStore(url.href)
    await store.commit(() => [{ put: [{ kind: 'block', row: { name: 'b', next: 1 } }] }])
    expect(await store.list('timer', 'by_time', ['all'])).toEqual([])
    await store.close()
    expect(await versions()).toEqual([3])
  })

  it('are made by one of several nodes that start at once', async () => {
    await Promise.all([open(), open(), open(), open()])
    expect(await versions()).toEqual([3])
  })

  it('of a later program are refused with a sentence', async () => {
    await open()
    await run('INSERT INTO im_schema VALUES (99, 1)')
    await expect(open()).rejects.toThrow(/version 99, this program knows 3: start a newer Nexo IM on it/)
  })
})
