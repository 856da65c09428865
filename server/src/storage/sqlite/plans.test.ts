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

/** Reads along a key or an index, and sorts nothing: whatever is stored beside it costs nothing. */
function isDirect(steps: string): void {
  expect(steps).not.toMatch(/SCAN (?!c\b|CONSTANT)|TEMP B-TREE/)
}

const kinds = Object.keys(tables) as Kind[]

describe('no hot path reads a whole table', () => {
  it.each(kinds)('%s by key', (kind) => {
    const keys = tables[kind].key.length
    isDirect(plan(sql.get(kind), keys))
    isDirect(plan(sql.version(kind), keys))
    isDirect(plan(sql.remove(kind), keys))
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
      isDirect(plan(sql.list(kind, fields, prefix, after), prefix + after + 1))
    },
  )

  it('a page, the last message, a repeated one, the conversations', () => {
    isDirect(plan(sql.read, 4))
    isDirect(plan(sql.head, 1))
    isDirect(plan(sql.headSeq, 1))
    isDirect(plan(sql.twin, 2))
    isDirect(plan(sql.amend, 5))
    isDirect(plan(sql.conversations, 2))
  })

  it('would be noticed: a question that no index answers', () => {
    const scanning = db.prepare('SELECT * FROM im_message WHERE body = ?')
    expect(() => isDirect(plan(scanning, 1))).toThrow(/SCAN/)
  })
})
