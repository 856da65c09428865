import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chainOf, digestOf } from '@nexo-im/protocol'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Kind, tables } from '../../core/tables.ts'
import { createTable } from '../sql.ts'
import { openSqliteStore } from '../sqlite.ts'
import { migrateSqlite } from './sqlite.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-migration-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (): string => join(folder, 'nexo.db')

/** A file as version 1 left it, with two people, a group that one of them left, and three messages. */
function versionOne(): void {
  const db = new Database(file())
  migrateSqlite(db, 1)
  db.exec(`
    INSERT INTO im_user VALUES ('ann', 'Ann Ö', '', NULL, 'hash', 1, 1, 1), ('bob', '', '', NULL, 'hash', 2, 2, 1);
    INSERT INTO im_session VALUES ('s1', 'ann', 5, 1, 10, 20, 1);
    INSERT INTO im_group VALUES ('7', 'Trio', '', '', NULL, 1, 'ann', 5, 5, 3);
    INSERT INTO im_group_size VALUES ('7', 1, 2);
    INSERT INTO im_member VALUES ('7', 'ann', 1, '', '', NULL, 3, 1, 5, 1, '', 5, 5, 0, 1);
    INSERT INTO im_member VALUES ('7', 'bob', 2, 'Bobby', '', NULL, 1, 2, 5, 1, 'ann', 5, 6, 2, 1);
    INSERT INTO im_view VALUES ('sg_7', 'ann', 1, NULL, 0, 0, 1, 5, 1), ('sg_7', 'bob', 1, 1, 0, 0, 0, 5, 2);
    INSERT INTO im_message VALUES ('sg_7', 1, 11, 'ann', 'a1', 1, '{"text":"one"}', 100);
    INSERT INTO im_message VALUES ('sg_7', 2, 12, 'ann', 'a2', 8,
      '{"seq":1,"text":"two","snapshot":{"sender_id":"ann","msg_type":1,"preview":"one"}}', 101);
    INSERT INTO im_message VALUES ('si_ann:bob', 1, 13, 'bob', 'b1', 1, '{"text":"three"}', 102);
  `)
  db.close()
}

describe('a file of version 1', () => {
  it('keeps every message, byte for byte, in its place', async () => {
    versionOne()
    const store = openSqliteStore(file())
    const log = await store.read('sg_7', 1, 9, 9)
    expect(log.map((m) => [m.seq, m.id, m.client_msg_id, m.send_at])).toEqual([
      [1, 11, 'a1', 100],
      [2, 12, 'a2', 101],
    ])
    expect(log[0]?.body).toBe('{"text":"one"}')
    await store.close()
  })

  it('has its messages linked into chains that hold', async () => {
    versionOne()
    const store = openSqliteStore(file())
    const sent = ['{"text":"one"}', '{"seq":1,"text":"two"}']
    let before = ''
    for (const [i, message] of (await store.read('sg_7', 1, 9, 9)).entries()) {
      expect(message.digest).toBe(digestOf(sha256, message.salt, sent[i] ?? ''))
      before = chainOf(sha256, before, message)
      expect(message.chain).toBe(before)
    }
    const [alone] = await store.read('si_ann:bob', 1, 9, 9)
    expect(alone?.chain).toBe(alone && chainOf(sha256, '', alone))
    expect(new Set((await store.read('sg_7', 1, 9, 9)).map((m) => m.salt)).size).toBe(2)
    await store.close()
  })

  it('gives old records what new ones have: found by name, listed, closed where they were closed', async () => {
    versionOne()
    const store = openSqliteStore(file())
    expect((await store.list('user', 'by_name', ['ann ö'])).map((u) => u.user_id)).toEqual(['ann'])
    const [ann, bob] = await store.get('view', [
      ['sg_7', 'ann'],
      ['sg_7', 'bob'],
    ])
    expect([ann?.to_position, bob?.to_position, ann?.hidden_at]).toEqual([null, 0, -1])
    const members = await store.get('member', [
      ['7', 'ann'],
      ['7', 'bob'],
    ])
    expect(members.map((m) => m?.name_key)).toEqual(['ann ö', 'bobby'])
    await store.close()
  })

  it('is migrated once: a second start changes nothing', async () => {
    versionOne()
    const first = openSqliteStore(file())
    const before = await first.read('sg_7', 1, 9, 9)
    await first.close()
    const second = openSqliteStore(file())
    expect(await second.read('sg_7', 1, 9, 9)).toEqual(before)
    await second.close()
  })

  it('stands as it was when a step fails in the middle', () => {
    versionOne()
    const db = new Database(file())
    // A table in the way lets the step fail after it has altered others.
    db.exec('CREATE TABLE im_pulse (x INTEGER)')
    expect(() => migrateSqlite(db)).toThrow('im_pulse')
    expect(db.pragma('user_version', { simple: true })).toBe(1)
    expect(db.prepare("SELECT count(*) FROM pragma_table_info('im_message')").pluck().get()).toBe(8)
    db.close()
  })
})

it('a file of a later version is refused with a sentence', () => {
  const db = new Database(file())
  db.pragma('user_version = 99')
  db.close()
  expect(() => openSqliteStore(file())).toThrow(/version 99.*newer/)
})

describe('what the steps make', () => {
  const types = { text: 'TEXT', int: 'INTEGER', bool: 'INTEGER' }
  const shape = (db: Database.Database, table: string): unknown =>
    db.prepare(`SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY name`).all(table)
  const indexes = (db: Database.Database, table: string): unknown =>
    db
      .prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? ORDER BY name`)
      .all(table)

  it.each(Object.keys(tables) as Kind[])('%s is what the table of record kinds says', (kind) => {
    const migrated = new Database(':memory:')
    migrateSqlite(migrated)
    const derived = new Database(':memory:')
    for (const statement of createTable(kind, types)) derived.exec(statement)
    expect(shape(migrated, `im_${kind}`)).toEqual(shape(derived, `im_${kind}`))
    expect(JSON.stringify(indexes(migrated, `im_${kind}`)).replaceAll(/\\n\s*/g, ' ')).toEqual(
      JSON.stringify(indexes(derived, `im_${kind}`)),
    )
  })
})
