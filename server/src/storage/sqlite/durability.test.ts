import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { messageAt } from '../../testing/stores/changes.ts'
import { openSqliteStore } from '../sqlite.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-durability-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

describe('a commit to an SQLite file', () => {
  it('is synced before it returns: the connection that writes is in WAL mode with synchronous=FULL', async () => {
    // SQLite tells it to the connection alone, so the one that the store opens is listened to.
    const prepare = vi.spyOn(Database.prototype, 'prepare')
    const store = openSqliteStore(join(folder, 'im.db'))
    const connections = new Set(prepare.mock.contexts as Database.Database[])
    expect(connections.size).toBe(1)
    for (const db of connections) {
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
      expect(db.pragma('synchronous', { simple: true })).toBe(2)
    }
    await store.close()
  })
})

describe('a process that dies without closing its file', () => {
  it('leaves one that goes on behind every position which was given', async () => {
    const store = openSqliteStore(join(folder, 'im.db'))
    const given: number[] = []
    for (let seq = 1; seq <= 3; seq++) {
      const { from } = await store.commit(() => [messageAt('si_ann:bob', seq)])
      given.push(from)
    }
    const files = readdirSync(folder)
    const left = mkdtempSync(join(folder, 'left-'))
    for (const name of files) copyFileSync(join(folder, name), join(left, name))
    const next = openSqliteStore(join(left, 'im.db'))
    expect((await next.heads(['si_ann:bob']))[0]?.seq).toBe(3)
    expect(await next.position()).toBeGreaterThanOrEqual(Math.max(...given))
    await next.close()
    await store.close()
  })
})

describe('the file itself', () => {
  it('refuses a second message at a seq, and a second one under an id, whoever writes it', async () => {
    const file = join(folder, 'im.db')
    const store = openSqliteStore(file)
    await store.commit(() => [messageAt('si_ann:bob', 1), messageAt('si_ann:bob', 2)])
    await store.close()
    const db = new Database(file)
    const set = (text: string) => () => db.exec(`UPDATE im_message SET ${text} WHERE seq = 2`)
    expect(set('seq = 1')).toThrow(/UNIQUE constraint failed: im_message.conversation_id, im_message.seq/)
    expect(set("client_msg_id = 'si_ann:bob 1 ann'")).toThrow(
      /UNIQUE constraint failed: im_message.sender_id/,
    )
    db.close()
  })
})

describe('what was taken away', () => {
  it('lies nowhere in the files any more once the store is closed', async () => {
    const store = openSqliteStore(join(folder, 'im.db'))
    const secret = 'the words that were recalled'
    const body = JSON.stringify({ text: secret.repeat(20) })
    for (let seq = 1; seq <= 50; seq++) {
      const { append } = messageAt('si_ann:bob', seq)
      await store.commit((from) => [{ append: { ...append, id: from, body } }])
    }
    const gone = { conversation_id: 'si_ann:bob', body: '', meta: '"gone":1', salt: '' }
    await store.commit(() => [{ amend: Array.from({ length: 50 }, (_, i) => ({ ...gone, seq: i + 1 })) }])
    await store.close()
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((bytes) => bytes.includes(secret))).toEqual([])
  })
})
