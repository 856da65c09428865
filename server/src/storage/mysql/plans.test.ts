import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kind, type Table, tables } from '../../core/tables.ts'
import { messageAt } from '../../testing/stores/changes.ts'
import { serverUrl } from '../../testing/stores/fresh.ts'
import { type FreshMysql, freshMysql } from '../../testing/stores/mysql.ts'
import { tableName } from '../sql.ts'
import { readAddress } from './address.ts'
import { type Connection, connect } from './connection.ts'
import * as texts from './texts.ts'

const server = serverUrl('mysql')
const kinds = Object.keys(tables) as Kind[]

/** One line of EXPLAIN. */
interface Step {
  readonly table: string | null
  readonly type: string | null
  readonly key: string | null
  readonly Extra: string | null
}

describe.skipIf(server === undefined)('query plans', () => {
  let fresh: FreshMysql
  let connection: Connection
  beforeAll(async () => {
    fresh = await freshMysql(server ?? '')
    const many = Array.from({ length: 60 }, (_, c) =>
      Array.from({ length: 20 }, (_, i) => messageAt(`c${c}`, i + 1)),
    )
    await fresh.store.commit(() => many.flat())
    connection = await connect(readAddress(fresh.url), false)
    await connection.query(texts.sessionText('utf8mb4_nopad_bin'))
    await connection.query('ANALYZE TABLE im_message')
  })
  afterAll(async () => {
    connection.close()
    await fresh.store.close()
  })

  const explain = async (text: string): Promise<Step[]> =>
    (await connection.query(`EXPLAIN ${text}`)) as Step[]
  /** The steps that touch a table of ours; walking the keys that a statement names costs nothing. */
  const ours = (steps: readonly Step[]): Step[] =>
    steps.filter((s) => s.table !== null && !s.table.startsWith('<'))

  /** Where a statement does not go by key: to one row, or to the rows between two places of an index, unsorted. */
  async function faults(text: string, key: string): Promise<string[]> {
    const steps = await explain(text)
    // A row that is looked for by its whole key and not there ends the plan.
    if (steps.some((s) => s.Extra === 'Impossible WHERE noticed after reading const tables')) return []
    const touching = ours(steps)
    const bad = touching.filter(
      (s) =>
        !/^(const|eq_ref|ref|range|system)$/.test(s.type ?? '') ||
        s.key !== key ||
        /filesort|temporary/.test(s.Extra ?? ''),
    )
    return [...bad.map((s) => `${JSON.stringify(s)}: ${text}`), ...(touching.length === 0 ? [text] : [])]
  }

  const allFaults = async (statements: readonly string[], key: string): Promise<string[]> =>
    (await Promise.all(statements.map((text) => faults(text, key)))).flat()

  const sample = (kind: Kind, field: string): string | number =>
    (tables[kind] as Table).fields[field]?.startsWith('text') === true ? 'x' : 1

  it.each(kinds)('finds one and many of %s by their key', async (kind) => {
    const key = tables[kind].key.map((f) => sample(kind, f))
    const statements = [1, 2, 200].flatMap((count) => texts.recordTexts(kind, Array(count).fill(key)))
    expect(await allFaults(statements, 'PRIMARY')).toEqual([])
  })

  const indexes = kinds.flatMap((kind) =>
    Object.entries((tables[kind] as Table).indexes).map(([index, fields]) => ({ kind, index, fields })),
  )
  it.each(indexes)('walks along $kind $index, from its begin and behind a place', async (at) => {
    const { kind, index, fields } = at
    const isKey = fields.join() === tables[kind].key.join()
    const values = fields.map((f) => sample(kind, f))
    const statements = values.flatMap((_, n) => [
      texts.listText(kind, index, values.slice(0, n + 1), { limit: 20 }),
      ...(n + 1 < fields.length
        ? [texts.listText(kind, index, values.slice(0, n + 1), { after: values.slice(n + 1), limit: 20 })]
        : []),
    ])
    expect(await allFaults(statements, isKey ? 'PRIMARY' : `${tableName(kind)}_${index}`)).toEqual([])
  })

  it.each(kinds)('goes through all of %s along its key without sorting', async (kind) => {
    const after = tables[kind].key.map((f) => sample(kind, f))
    expect(await faults(texts.scanText(kind, { after, limit: 100 }), 'PRIMARY')).toEqual([])
    const [step] = ours(await explain(texts.scanText(kind, { limit: 100 })))
    expect([step?.type, step?.key, step?.Extra ?? '']).toEqual(['index', 'PRIMARY', ''])
  })

  it('reads a page of messages, heads, last seqs and twins by key', async () => {
    const conversations = Array.from({ length: 60 }, (_, c) => `c${c}`)
    const some = [conversations.slice(0, 1), conversations]
    const byKey = [
      texts.readText('c5', 3, 12, 20),
      ...some.flatMap((asked) => [...texts.headTexts(asked), ...texts.headSeqTexts(asked)]),
    ]
    expect(await allFaults(byKey, 'PRIMARY')).toEqual([])
    const twins = some.flatMap((asked) => texts.twinTexts(asked.map((c) => ['ann', `${c} 1 ann`])))
    expect(await allFaults(twins, 'im_message_twin')).toEqual([])
  })

  it('changes and removes rows by their key', async () => {
    const amends = [1, 2].map((seq) => ({ conversation_id: 'c1', seq, body: 'b', meta: '', salt: '' }))
    const gone = (name: string) => ({
      kind: 'block' as const,
      key: [name],
      before: undefined,
      after: undefined,
    })
    const records = new Map([
      ['a', gone('a')],
      ['b', gone('b')],
    ])
    const [queries = ''] = texts.writingTexts({ refused: [], entries: [], amends, records }, 5, 1e6)
    const statements = queries.split(';\n').filter((s) => s !== 'COMMIT')
    expect(statements.map((s) => s.split(' ', 1)[0])).toEqual(['DELETE', 'UPDATE', 'UPDATE'])
    expect(await allFaults(statements, 'PRIMARY')).toEqual([])
  })

  it('jumps from conversation to conversation', async () => {
    const [first] = await explain(texts.conversationsText('c3', 50))
    expect([first?.type, first?.key, first?.Extra]).toEqual([
      'range',
      'PRIMARY',
      'Using where; Using index for group-by',
    ])
  })
})
