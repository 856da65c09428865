import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { type Kind, type Table, tables } from '../../core/tables.ts'
import { migrateSqlite } from '../migrations/sqlite.ts'
import { statements } from './statements.ts'

const db = new Database(':memory:')
migrateSqlite(db)
const sql = statements(db)
afterAll(() => db.close())

function plan(statement: Database.Statement, values: number): string {
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${statement.source}`).all(...Array(values).fill(1))
  return steps.map((step) => (step as { detail: string }).detail).join('; ')
}

/** What reads a table from end to end, or sorts: whatever is stored beside a row must cost nothing. */
const indirect = /SCAN (?!c\b|CONSTANT)|TEMP B-TREE/

const kinds = Object.keys(tables) as Kind[]

describe('no hot path reads a whole table', () => {
  it.each(kinds)('%s by key', (kind) => {
    const keys = tables[kind].key.length
    expect(plan(sql.get(kind), keys)).not.toMatch(indirect)
    expect(plan(sql.version(kind), keys)).not.toMatch(indirect)
    expect(plan(sql.remove(kind), keys)).not.toMatch(indirect)
  })

  const shapes = kinds.flatMap((kind) =>
    Object.entries((tables[kind] as Table).indexes).flatMap(([index, fields]) =>
      fields.slice(1).flatMap((_, i) => {
        const prefix = i + 1
        return Array.from({ length: fields.length - prefix + 1 }, (__, after) => ({
          kind,
          index,
          fields,
          prefix,
          after,
        }))
      }),
    ),
  )
  it.each(shapes)(
    '$kind $index with $prefix fields given, behind $after',
    ({ kind, fields, prefix, after }) => {
      expect(plan(sql.list(kind, fields, prefix, after), prefix + after + 1)).not.toMatch(indirect)
    },
  )

  it('a page, the last message, a repeated one, the conversations', () => {
    expect(plan(sql.read, 4)).not.toMatch(indirect)
    expect(plan(sql.head, 1)).not.toMatch(indirect)
    expect(plan(sql.headSeq, 1)).not.toMatch(indirect)
    expect(plan(sql.twin, 2)).not.toMatch(indirect)
    expect(plan(sql.amend, 6)).not.toMatch(indirect)
    expect(plan(sql.conversations, 2)).not.toMatch(indirect)
  })

  it('no question with an order is prepared anew for each value that is bound', () => {
    // Nothing tells but the text: SQLite does it silently, for every bare parameter there.
    const bare = /(?<!\+)\?/
    const texts = [sql.read, sql.head, sql.headSeq].map(({ source }) => source)
    const lists = shapes.map(
      ({ kind, fields, prefix, after }) => sql.list(kind, fields, prefix, after).source,
    )
    for (const text of [...texts, ...lists]) expect(text).not.toMatch(bare)
    expect(sql.get('view').source).toMatch(bare)
  })

  it('would be noticed: a question that no index answers', () => {
    const scanning = db.prepare('SELECT * FROM im_message WHERE body = ?')
    expect(plan(scanning, 1)).toMatch(indirect)
  })
})
