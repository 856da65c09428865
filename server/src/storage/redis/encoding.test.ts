import { compareIds } from '@nexo-im/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Key, type Scalar, tables } from '../../core/tables.ts'
import {
  entryOf,
  entryText,
  keyNames,
  ordered,
  pointedAt,
  pointerTo,
  recordOf,
  recordText,
} from './encoding.ts'

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', '\u0003', 'a', '\u007f', '\u00ff', '\uffee') }),
  fc.string({ unit: 'binary' }).filter((t) => t.isWellFormed()),
)
const int = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -20, max: 20 }), fc.constantFrom(-(2 ** 53) + 1))
const nullable = (values: fc.Arbitrary<Scalar>): fc.Arbitrary<Scalar> => fc.option(values)
const shape = [text, int, fc.boolean(), nullable(text), nullable(int)]
const key: fc.Arbitrary<Key> = fc.tuple(...shape)

function compare(a: Key, b: Key): number {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? null
    if (x === y) continue
    if (x === null || y === null) return x === null ? -1 : 1
    return typeof x === 'string' && typeof y === 'string' ? compareIds(x, y) : Number(x) - Number(y)
  }
  return 0
}

describe('values in the order of their bytes', () => {
  it('stand in the order of the values', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(ordered(a)), Buffer.from(ordered(b)))
        expect(Math.sign(bytes)).toBe(Math.sign(compare(a, b)))
      }),
      { numRuns: 2000 },
    )
  })

  it('begin alike exactly where the values do', () => {
    fc.assert(
      fc.property(key, key, fc.nat({ max: 5 }), (a, b, n) => {
        const start = b.slice(0, n)
        expect(ordered(a).startsWith(ordered(start))).toBe(compare(a.slice(0, n), start) === 0)
      }),
      { numRuns: 2000 },
    )
  })

  it('refuse a number that is none of the contract', () => {
    expect(() => ordered([0.5])).toThrow('0.5')
    expect(() => ordered([2 ** 53])).toThrow(String(2 ** 53))
  })
})

describe('what is kept', () => {
  it('comes back as every record it was', () => {
    const { view } = tables
    const row = Object.fromEntries(
      Object.keys(view.fields).map((field, i) => [field, [i, null, true, 'x'][i % 4]]),
    )
    const record = { ...(row as Record<string, Scalar>), version: 2 ** 53 - 1 }
    expect(recordOf('view', recordText('view', record))).toEqual(record)
  })

  it('comes back as every message it was', () => {
    fc.assert(
      fc.property(text, fc.string({ unit: 'binary' }), int, (conversation_id, body, id) => {
        const entry = {
          conversation_id,
          seq: 7,
          id,
          sender_id: 'ann',
          client_msg_id: body,
          msg_type: 1,
          body,
          send_at: id,
          meta: body,
          salt: '',
          digest: 'd',
          chain: 'c',
        }
        const [conversation, seq] = pointedAt(pointerTo(conversation_id, 7))
        expect(entryOf(conversation, seq, entryText(entry))).toEqual(entry)
      }),
    )
  })
})

describe('key names', () => {
  it('begin with the prefix and carry it as the only hash tag', () => {
    const { log, messages } = keyNames({ keyPrefix: 'nexo:' })
    expect([log, messages]).toEqual(['nexo:{nexo:}:log', 'nexo:{nexo:}:message:'])
    expect(keyNames({ keyPrefix: '' }).log).toBe('{im}:log')
  })
})
