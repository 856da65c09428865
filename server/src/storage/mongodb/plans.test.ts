import type { Document } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { type Key, type Kind, keyOf, type Scalar, type Table, tables } from '../../core/tables.ts'
import { serverUrl } from '../../testing/stores/fresh.ts'
import { freshMongodb } from '../../testing/stores/mongodb.ts'
import { indexesOf } from '../migrations/mongodb.ts'
import { collectionOf, lasts, messages, nameFilter } from './documents.ts'
import { lastQuery, listQuery, type Query, readQuery, scanQuery } from './reads.ts'

interface Asked extends Query {
  readonly what: string
  readonly collection: string
}

/** Every question that a read of the port, or the judgement of a batch, may ask. */
function everyQuestion(): Asked[] {
  const byName = (collection: string, names: readonly string[]): Asked => ({
    what: `${names.length} of ${collection} by name`,
    collection,
    filter: nameFilter(names),
    options: {},
  })
  const asked: Asked[] = [
    { what: 'a page of messages', collection: messages, ...readQuery('c', 5, 9, 3) },
    { what: 'the last message', collection: messages, ...lastQuery('c') },
  ]
  for (const collection of [messages, lasts, ...kinds.map(collectionOf)])
    asked.push(byName(collection, ['a']), byName(collection, ['a', 'b']))
  for (const kind of kinds) {
    const collection = collectionOf(kind)
    const key = keyOf(kind, sample(kind))
    asked.push({ what: `${kind} from its begin`, collection, ...scanQuery(kind, { limit: 3 }) })
    asked.push({ what: `${kind} behind a key`, collection, ...scanQuery(kind, { after: key, limit: 3 }) })
    for (const [index, fields] of Object.entries((tables[kind] as Table).indexes)) {
      const values = fields.map((f) => sample(kind)[f] ?? null)
      for (let prefix = 1; prefix <= fields.length; prefix++) {
        const list = (after: Key): Asked => ({
          what: `${kind} along ${index}, ${prefix} fixed, ${after.length} passed`,
          collection,
          ...listQuery(kind, index, values.slice(0, prefix), { after, limit: 3 }),
        })
        for (let end = prefix; end <= fields.length; end++) asked.push(list(values.slice(prefix, end)))
      }
    }
  }
  return asked
}

const kinds = Object.keys(tables) as Kind[]

function sample(kind: Kind): Record<string, Scalar> {
  const values = { text: 'a', int: 1, bool: true }
  return Object.fromEntries(
    Object.entries((tables[kind] as Table).fields).map(([f, type]) => [
      f,
      values[type.replace('?', '') as 'int'],
    ]),
  )
}

/** The filter's alternatives: fixed fields, and the one that goes on from a place, as the index has them in order. */
function walkOf(filter: Document): string[][] {
  const alternatives = (filter['$or'] as Document[] | undefined) ?? [filter]
  return alternatives.map((each) => {
    const isRange = ([, value]: [string, unknown]): boolean => typeof value === 'object' && value !== null
    const entries = Object.entries(each).filter(([field]) => field !== 'gone')
    return [...entries.filter((e) => !isRange(e)), ...entries.filter(isRange)].map(([field]) => field)
  })
}

describe('every question to MongoDB', () => {
  const indexes = indexesOf()

  it.each(everyQuestion())('walks one index from a place on: $what', ({ collection, filter, options }) => {
    const declared = [['_id'], ...(indexes[collection] ?? []).map(({ key }) => Object.keys(key))]
    const sort = Object.keys(options.sort ?? {})
    for (const walk of walkOf(filter)) {
      const fits = declared.some((fields) => {
        const begins = walk.every((f, i) => fields[i] === f)
        // The order is that of the index, or of what is left of it behind fields that are fixed.
        const ordered = [0, ...walk.keys(), walk.length].some((n) =>
          sort.every((f, i) => fields[n + i] === f),
        )
        return begins && ordered
      })
      expect(fits).toBe(true)
    }
  })

  it('is answered by its plan without a full scan and without sorting', async () => {
    const url = serverUrl('mongodb')
    if (url === undefined) return
    const { store, db } = await freshMongodb(url)
    try {
      for (const [collection, wanted] of Object.entries(indexes)) {
        if (wanted.length === 0) continue
        const made = await db.collection(collection).indexes()
        expect(made.map((m) => JSON.stringify(m.key))).toEqual(
          expect.arrayContaining(wanted.map((w) => JSON.stringify(w.key))),
        )
      }
      if (store.traits.durability === 'D1') {
        process.stderr.write(
          'mongodb: the server is a FerretDB, so no plans are read, only that the indexes are there\n',
        )
        return
      }
      for (const { what, collection, filter, options } of everyQuestion()) {
        const cursor = db.collection(collection).find(filter as Document, { sort: {}, ...options })
        const plan = JSON.stringify((await cursor.explain('queryPlanner'))['queryPlanner'].winningPlan)
        expect([what, /"(COLLSCAN|SORT)"/.exec(plan)?.[1]]).toEqual([what, undefined])
      }
    } finally {
      await store.close()
    }
  })
})
