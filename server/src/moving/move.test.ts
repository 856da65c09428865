import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Change, Entry, Put, Store } from '../core/ports.ts'
import { openStore } from '../storage/open.ts'
import { freshStore, type ServerStore, servers, serverUrl } from '../testing/stores/fresh.ts'
import { compareStores } from './comparison.ts'
import { conditionOf, move } from './move.ts'
import { newTally } from './tally.ts'

const folder = mkdtempSync(join(tmpdir(), 'nexo-move-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const openFresh = {
  memory: () => openStore('memory:'),
  sqlite: () => openStore(`sqlite:${join(folder, `${files++}.db`)}`),
} as const

function entry(conversation: string, seq: number, body = '{"text":"hi"}'): Entry {
  return {
    conversation_id: conversation,
    seq,
    id: 2_000_000 + seq,
    sender_id: 'ann',
    client_msg_id: `${conversation} ${seq}`,
    msg_type: 1,
    body,
    send_at: seq,
    meta: seq % 7 === 0 ? '"edited_at":5' : '',
    salt: 'salt',
    digest: 'digest',
    chain: `chain ${conversation} ${seq}`,
  }
}

function block(name: string, next: number): Put {
  return { kind: 'block', row: { name, next } }
}

function application(user: string, message: string): Put {
  const row = {
    group_id: '7',
    user_id: user,
    message,
    inviter_user_id: '',
    state: 1,
    handled_by: '',
    created_at: 2 ** 52,
    updated_at: 0,
    position: 0,
  }
  return { kind: 'application', row }
}

/** Hostile ids, a long conversation, many short ones, long bodies, and records: about ten commits of a move. */
const people = ['ann', 'Ann', 'ann ', 'änn', '\u{1f600}', '￮', 'a\'b"c\\', 'b\0c']
async function fillSource(store: Store, { log, short } = { log: 900, short: 300 }): Promise<void> {
  const changes: Change[] = people.map((user) => ({ put: [application(user, `${user} "wants" in`)] }))
  for (let i = 0; i < 700; i++) changes.push({ put: [block(`block ${i}`, i)] })
  for (let i = 1; i <= log; i++) changes.push({ append: entry('sg_7', i) })
  for (let i = 0; i < short; i++) changes.push({ append: entry(`si_ann:${i}`, 1) })
  for (let i = 1; i <= 12; i++)
    changes.push({ append: entry('long', i, JSON.stringify('x'.repeat(300_000))) })
  for (const person of people) changes.push({ append: entry(`si_ann:${person}`.padEnd(12, '_'), 1) })
  await store.commit(() => changes)
}

/** A store whose n-th commit fails: before it was made, or with its answer lost. */
function failing(store: Store, n: number, how: 'before' | 'after'): Store {
  let commits = 0
  return {
    ...store,
    commit: async (propose) => {
      commits += 1
      if (commits < n) return store.commit(propose)
      if (how === 'after' && commits === n) await store.commit(propose)
      throw new Error('killed')
    },
  }
}

const differencesOf = async (a: Store, b: Store) => (await compareStores(a, b, newTally())).differences

async function movedPair(): Promise<[from: Store, to: Store]> {
  const [from, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
  await fillSource(from)
  await move(from, to)
  return [from, to]
}

describe('a move', () => {
  it.each([
    ['memory', 'memory'],
    ['memory', 'sqlite'],
    ['sqlite', 'memory'],
    ['sqlite', 'sqlite'],
  ] as const)('from %s to %s brings every record and message, and says so', async (a, b) => {
    const [from, to] = await Promise.all([openFresh[a](), openFresh[b]()])
    await fillSource(from)
    const verdict = await move(from, to)
    expect(verdict.isEqual).toBe(true)
    expect(verdict.comparison?.conversations).toBe(310)
    const counts = Object.fromEntries(verdict.comparison?.parts.map((p) => [p.name, p.count]) ?? [])
    expect(counts).toMatchObject({ message: 1220, application: people.length, block: 700, user: 0 })
    expect(await to.read('sg_7', 1, 10_000, 10_000)).toEqual(await from.read('sg_7', 1, 10_000, 10_000))
    const strip = ({ version: _, ...row }: { version: number }) => row
    expect((await to.scan('application', { limit: 99 })).map(strip)).toEqual(
      (await from.scan('application', { limit: 99 })).map(strip),
    )
    await Promise.all([from.close(), to.close()])
  })

  it('lets positions and ids go on behind those of the source', async () => {
    const [from, to] = await Promise.all([openFresh.memory(), openFresh.sqlite()])
    await from.advance(7_000_000)
    await fillSource(from)
    await move(from, to)
    const next = await to.commit(() => [{ put: [block('next', 1)] }])
    expect(next.from).toBeGreaterThan(await from.position())
    await to.close()
  })

  it('gives the same digest whatever store holds the data', async () => {
    const digests: (string | undefined)[] = []
    for (const name of ['memory', 'sqlite'] as const) {
      const [from, to] = await Promise.all([openFresh[name](), openFresh.memory()])
      await fillSource(from)
      digests.push((await move(from, to)).comparison?.digest)
      await from.close()
    }
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(digests[1]).toBe(digests[0])
  })

  it('leaves the record of its own position to the target', async () => {
    const [from, to] = await Promise.all([openFresh.sqlite(), openFresh.memory()])
    await move(from, to)
    expect(await to.scan('block', { limit: 9 })).toEqual([])
    await from.close()
  })

  it('refuses a target that holds anything, and changes nothing in it', async () => {
    const [from, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
    await to.commit(() => [{ append: entry('sg_1', 1) }])
    await expect(move(from, to)).rejects.toThrow(/target holds data already.*empty/)
    await expect(move(from, to, { resume: true })).rejects.toThrow(
      /other data, and no move into it was interrupted/,
    )
    expect(await to.position()).toBe(1_000_001)
  })

  it('says when the source was written to meanwhile, and is finished by running it again', async () => {
    const [source, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
    await fillSource(source)
    let wrote = false
    const busy: Store = {
      ...source,
      read: async (...args) => {
        if (!wrote) {
          wrote = true
          await source.commit(() => [
            { append: entry('sg_7', 901), put: [block('block 5', 99)] },
            { remove: [{ kind: 'block', key: ['block 6'] }], put: [block('block new', 1)] },
            { amend: [{ conversation_id: 'sg_7', seq: 3, body: '', meta: '"recalled":true', salt: '' }] },
          ])
        }
        return source.read(...args)
      },
    }
    const first = await move(busy, to)
    expect(first.isEqual).toBe(false)
    expect(first.positions[1]).toBe(first.positions[0] + 3)
    expect(await conditionOf(to)).toBe('unfinished')
    const second = await move(source, to, { resume: true })
    expect(second.isEqual).toBe(true)
    expect(await to.get('block', [['block 5'], ['block 6']])).toEqual([
      { name: 'block 5', next: 99, version: 2 },
      undefined,
    ])
    expect((await to.read('sg_7', 3, 3, 1))[0]?.meta).toBe('"recalled":true')
  })

  it('ends where it is told to, and is taken up later', async () => {
    const [from, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
    await fillSource(from)
    const stop = new AbortController()
    const watched: Store = {
      ...to,
      commit: (propose) => {
        stop.abort(new Error('interrupted'))
        return to.commit(propose)
      },
    }
    await expect(move(from, watched, { signal: stop.signal })).rejects.toThrow('interrupted')
    expect((await move(from, to, { resume: true })).isEqual).toBe(true)
  })
})

describe('a move that was killed', () => {
  it.each(['before', 'after'] as const)(
    '%s its n-th commit stood is finished by --resume, for every n',
    async (how) => {
      const from = await openFresh.memory()
      await fillSource(from)
      const killed: string[] = []
      for (let n = 1; ; n++) {
        const to = await openFresh.memory()
        const first = await move(from, failing(to, n, how)).catch((error: Error) => error.message)
        if (first !== 'killed') break
        killed.push(await conditionOf(to))
        expect((await move(from, to, { resume: true })).isEqual).toBe(true)
        expect(await conditionOf(to)).toBe('full')
      }
      // The first commit marks the target, the last one takes the mark away: between them it counts as unfinished.
      const between = killed.slice(1, -1)
      expect(between.length).toBeGreaterThan(4)
      expect(new Set(between)).toEqual(new Set(['unfinished']))
      expect([killed[0], killed.at(-1)]).toEqual(
        how === 'before' ? ['empty', 'unfinished'] : ['unfinished', 'full'],
      )
    },
  )
})

/** FerretDB, which stands in for MongoDB where that is not to be had, looks at every message for each conversation. */
const few = { log: 60, short: 10 }
describe.each((Object.keys(servers) as ServerStore[]).filter((name) => serverUrl(name) !== undefined))(
  '%s',
  (name) => {
    it('takes everything over, and gives it on', async () => {
      const [from, between, to] = await Promise.all([
        openFresh.memory(),
        freshStore(name),
        openFresh.sqlite(),
      ])
      await fillSource(from, few)
      const first = await move(from, between)
      const second = await move(between, to)
      expect([first.isEqual, second.isEqual]).toEqual([true, true])
      expect(second.comparison?.digest).toBe(first.comparison?.digest)
      expect(await differencesOf(from, to)).toEqual([])
      await Promise.all([between.close(), to.close()])
    }, 60_000)

    it('is filled to the end after an interruption, with what changed in the source meanwhile', async () => {
      const [from, to] = await Promise.all([openFresh.memory(), freshStore(name)])
      await fillSource(from, few)
      await expect(move(from, failing(to, 4, 'after'))).rejects.toThrow('killed')
      await from.commit(() => [
        { put: [block('block 5', 99)], remove: [{ kind: 'block', key: ['block 6'] }] },
        { amend: [{ conversation_id: 'long', seq: 3, body: '', meta: '"recalled":true', salt: '' }] },
      ])
      expect((await move(from, to, { resume: true })).isEqual).toBe(true)
      await to.close()
    }, 60_000)
  },
)

describe('going on with a move', () => {
  it('brings along what became of messages that are in the target already', async () => {
    const [from, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
    await fillSource(from)
    await expect(move(from, failing(to, 4, 'before'))).rejects.toThrow('killed')
    expect(await to.read('long', 1, 1, 1)).toHaveLength(1)
    const gone = { conversation_id: 'long', seq: 1, body: '', meta: '"gone":1', salt: '' }
    await from.commit(() => [{ amend: [gone] }])
    expect((await move(from, to, { resume: true })).isEqual).toBe(true)
    expect(await to.read('long', 1, 1, 1)).toMatchObject([gone])
  })

  it('refuses a target into which somebody else wrote a message', async () => {
    const [from, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
    await fillSource(from)
    await expect(move(from, failing(to, 4, 'before'))).rejects.toThrow('killed')
    await expect(move(from, to)).rejects.toThrow(/interrupted.*--resume/)
    const head = (await to.heads(['long']))[0]?.seq ?? 0
    await to.commit(() => [{ append: { ...entry('long', head + 1), client_msg_id: 'else', chain: 'else' } }])
    await expect(move(from, to, { resume: true })).rejects.toThrow(/another message \d+ of long.*empty it/)
  })
})

describe('the comparison', () => {
  it.each<[string, Change, string, string]>([
    ['a record that differs', { put: [block('block 5', 6)] }, 'block ["block 5"]', 'differs in next'],
    ['a record too many', { put: [block('more', 6)] }, 'block ["more"]', 'is not in the source'],
    [
      'a record too few',
      { remove: [{ kind: 'application', key: ['7', 'ann '] }] },
      'application ["7","ann "]',
      'is missing in the target',
    ],
    [
      'a body that differs',
      { amend: [{ conversation_id: 'sg_7', seq: 450, body: '{"text":"ha"}', meta: '', salt: 'salt' }] },
      'sg_7, message 450',
      'differs in body',
    ],
    ['a message too many', { append: entry('sg_7', 901) }, 'sg_7, message 901', 'is not in the source'],
    ['a conversation too many', { append: entry('sg_8', 1) }, 'sg_8, message 1', 'is not in the source'],
  ])('names %s', async (_, change, place, problem) => {
    const [from, to] = await movedPair()
    await to.commit(() => [change])
    const found = await compareStores(from, to, newTally())
    expect(found.differences[0]).toEqual({ place, problem })
    expect(found.differencesInAll).toBe(2)
  })

  it('names a message too few', async () => {
    const [from, to] = await movedPair()
    await from.commit(() => [{ append: entry('sg_7', 901) }])
    expect((await differencesOf(from, to))[0]).toEqual({
      place: 'sg_7, message 901',
      problem: 'is missing in the target',
    })
  })

  it('never shows a whole invitation token', async () => {
    const [from, to] = await Promise.all([openFresh.memory(), openFresh.memory()])
    const row = { group_id: '7', created_by: 'ann', created_at: 1, expires_at: 2, max_uses: 3, uses: 0 }
    await from.commit(() => [{ put: [{ kind: 'invite_link', row: { token: 'abcdefghijkl', ...row } }] }])
    expect(JSON.stringify(await differencesOf(from, to))).toContain('abcd…')
    expect(JSON.stringify(await differencesOf(from, to))).not.toContain('abcde')
  })
})
