import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrateSqlite, newestSqlite } from '../storage/migrations/sqlite.ts'
import { runHere, startProgram } from '../testing/program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-migrate-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (): string => join(folder, 'nexo.db')
const migrate = (...args: string[]) => runHere(['migrate', '--data', folder, ...args])

/** Data as version 1 or 2 left them: two people and their messages. */
function old(version: 1 | 2, messages: number): void {
  const db = new Database(file())
  db.pragma('journal_mode = WAL')
  migrateSqlite(db, 1)
  db.exec(`
    INSERT INTO im_user VALUES ('ann', 'Ann', '', NULL, 'hash', 1, 1, 1), ('bob', '', '', NULL, 'hash', 2, 2, 1);
    INSERT INTO im_view VALUES ('si_ann:bob', 'ann', 1, NULL, 0, 0, 0, 5, 1), ('si_ann:bob', 'bob', 1, NULL, 0, 0, 0, 5, 1);
    INSERT INTO im_block VALUES ('numbers', 1200000, 1);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${messages})
      INSERT INTO im_message SELECT 'si_ann:bob', i, 1000000 + i, 'ann', 'c' || i, 1, '{"text":"number ' || i || '"}', i FROM n;
  `)
  if (version === 2) migrateSqlite(db, 2)
  db.close()
}

function look<T>(path: string, use: (db: Database.Database) => T): T {
  const db = new Database(path, { readonly: true })
  try {
    return use(db)
  } finally {
    db.close()
  }
}

const versionIn = (path: string): unknown => look(path, (db) => db.pragma('user_version', { simple: true }))
const sentIn = (path: string): unknown =>
  look(path, (db) =>
    db
      .prepare('SELECT count(*) AS n, sum(seq) AS seqs, max(body) AS last, sum(id) AS ids FROM im_message')
      .get(),
  )
const backups = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.backup.db'))
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('nexo migrate', () => {
  it.each([1, 2] as const)(
    'brings data of version %d to this one and keeps them as they were',
    async (version) => {
      old(version, 500)
      const before = sentIn(file())
      const { code, out, err } = await migrate()
      expect([code, versionIn(file())]).toEqual([0, newestSqlite])
      expect(out).toContain(`migrated from version ${version} to ${newestSqlite}`)
      const [kept = ''] = backups()
      expect(kept).toMatch(new RegExp(`^nexo\\.db\\.v${version}-\\d{4}-\\d\\d-\\d\\d-\\d{6}\\.backup\\.db$`))
      expect(err).toContain(join(folder, kept))
      expect(versionIn(join(folder, kept))).toBe(version)
      expect([sentIn(file()), sentIn(join(folder, kept))]).toEqual([before, before])
      const verified = await runHere(['verify', '--data', folder])
      expect(verified.out).toMatch(/^sound: 1 conversations, 500 messages, 500 bodies/)
    },
  )

  it('changes nothing with --dry-run, and says what it would do', async () => {
    old(2, 5)
    const before = digest(file())
    const { code, out } = await migrate('--dry-run')
    expect([code, digest(file()), backups()]).toEqual([0, before, []])
    expect(out).toContain(`of version 2 and would be migrated to ${newestSqlite}`)
  })

  it('says that nothing is to be done where that is so', async () => {
    old(1, 5)
    await migrate()
    const second = await migrate()
    expect(second.out).toContain(`of version ${newestSqlite} already`)
    expect(backups()).toHaveLength(1)
  })

  it.each(['migrate', 'serve'])(
    'refuses data of a newer program, whose file stays byte for byte as it is: %s',
    async (command) => {
      const db = new Database(file())
      db.exec('PRAGMA user_version = 99; CREATE TABLE im_message (later TEXT)')
      db.close()
      const before = digest(file())
      const { code, err } = await runHere([command, '--data', folder])
      expect([code, digest(file()), readdirSync(folder)]).toEqual([1, before, ['nexo.db']])
      expect(err.trim()).toBe(
        `the data is of version 99, this program knows ${newestSqlite}: start a newer Nexo IM on it`,
      )
    },
  )

  it('says that there is no store where none is', async () => {
    const { code, err } = await migrate()
    expect([code, readdirSync(folder)]).toEqual([1, []])
    expect(err).toMatch(/there is no store at/)
  })

  it('killed at any moment is finished by the next start, with all data and one backup', async () => {
    old(1, 25_000)
    const before = sentIn(file())
    let killed = 0
    for (const delay of [-1, 0, 60, 150]) {
      const running = startProgram(['migrate', '--data', folder])
      // With -1 it is killed while the backup is written.
      await running.printed(delay < 0 ? /it is migrated/ : /is kept in/).catch(() => undefined)
      await new Promise((done) => setTimeout(done, Math.max(0, delay)))
      running.child.kill('SIGKILL')
      if ((await running.ended).code === null) killed += 1
      expect([1, newestSqlite]).toContain(versionIn(file()))
      expect(sentIn(file())).toEqual(before)
    }
    expect(killed).toBeGreaterThan(1)
    const serving = startProgram(['serve', '--data', folder, '--port', '0'])
    await serving.printed(/is ready in/)
    serving.child.kill('SIGTERM')
    await serving.ended
    expect([versionIn(file()), sentIn(file())]).toEqual([newestSqlite, before])
    expect(backups()).toHaveLength(1)
    expect([versionIn(join(folder, backups()[0] ?? '')), sentIn(join(folder, backups()[0] ?? ''))]).toEqual([
      1,
      before,
    ])
    expect((await runHere(['verify', '--data', folder])).out).toMatch(
      /^sound: 1 conversations, 25000 messages/,
    )
  }, 60_000)
})
