import type { ImError } from '@nexo-im/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Store } from '../../core/ports.ts'
import { blockAt, entry } from '../../testing/stores/changes.ts'
import { type CutLink, openCutLink } from '../../testing/stores/cut-link.ts'
import {
  type MongodbServer,
  mongodbProgram,
  startMongodbServer,
} from '../../testing/stores/mongodb-server.ts'
import { openMongodbStore } from '../mongodb.ts'

const program = mongodbProgram()

describe.skipIf(program === undefined)('a MongoDB server that fails', () => {
  let server: MongodbServer
  let store: Store
  beforeEach(async () => {
    server = await startMongodbServer(program ?? '')
    store = await openMongodbStore(server.url('im', '?timeout=800&pool_size=4'))
  })
  afterEach(async () => {
    server.resume()
    await store.close().catch(() => undefined)
    await server.remove()
  })

  it('and is killed and started again in mid-run keeps what was acked, and the store goes on by itself', async () => {
    const acked: number[] = []
    const failures: unknown[] = []
    let isOver = false
    const writing = (async () => {
      for (let seq = 1; !isOver || acked.length < 20; ) {
        try {
          const { refused } = await store.commit(() => [{ append: entry('c', seq) }])
          const [why] = refused
          // A lost answer: the message stands, as its twin says.
          expect(why === undefined || why.twin?.seq === seq).toBe(true)
          acked.push(seq)
          seq += 1
        } catch (error) {
          failures.push((error as Partial<ImError>).kind)
          await sleep(20)
        }
      }
    })()
    await sleep(150)
    await server.kill()
    // Longer than anybody waits for it.
    await sleep(1000)
    await server.start()
    const answers = performance.now()
    await expect
      .poll(
        () =>
          store.position().then(
            () => true,
            () => false,
          ),
        { timeout: 5000, interval: 20 },
      )
      .toBe(true)
    expect(performance.now() - answers).toBeLessThan(1000)
    await sleep(300)
    isOver = true
    await writing
    expect(new Set(failures)).toEqual(new Set(['unavailable']))
    const kept = (await store.read('c', 1, 1e6, 1e6)).map((e) => e.seq)
    expect(kept).toEqual(acked)
  })

  it('by hanging is told after the timeout, and nothing is acked until it answers', async () => {
    await store.commit(() => [{ append: entry('c', 1) }])
    server.pause()
    const began = performance.now()
    const asked = Array.from({ length: 12 }, () => store.get('block', [['n']]))
    const written = store.commit(() => [{ append: entry('c', 2) }])
    const outcomes = await Promise.allSettled([...asked, written])
    expect(performance.now() - began).toBeLessThan(2000)
    expect(new Set(outcomes.map((o) => o.status))).toEqual(new Set(['rejected']))
    for (const o of outcomes) expect(o).toMatchObject({ reason: { kind: 'unavailable' } })
    const [first] = outcomes
    expect(String((first as PromiseRejectedResult).reason.cause)).toMatch(/did not answer within 800 ms/)
    expect(store.pool?.().open).toBeLessThanOrEqual(4)
    server.resume()
    await expect
      .poll(
        () =>
          store
            .commit(() => [blockAt('n', 1)])
            .then(
              () => true,
              () => false,
            ),
        { timeout: 5000 },
      )
      .toBe(true)
    const seqs = (await store.read('c', 1, 9, 9)).map((e) => e.seq)
    expect(seqs.slice(0, 1)).toEqual([1])
    expect(seqs.length).toBeLessThanOrEqual(2)
  })

  it('to be reached while running is unavailable, and never empty', async () => {
    await server.kill()
    for (const ask of [() => store.get('block', [['n']]), () => store.heads(['c']), () => store.position()])
      await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', retryAfter: 1 })
    await server.start()
  })
})

describe.skipIf(program === undefined)('a connection that is cut in mid-commit', () => {
  let server: MongodbServer
  let link: CutLink
  let cut: Store
  let other: Store
  beforeEach(async () => {
    server = await startMongodbServer(program ?? '')
    link = await openCutLink(server.port)
    other = await openMongodbStore(server.url('im'))
    cut = await openMongodbStore(
      `mongodb://127.0.0.1:${link.port}/im?directConnection=true&pool_size=1&timeout=1000`,
      { helpAfter: 300, keepFor: 3_600_000, keepSlots: 1000, pieceSize: 8_000_000 },
    )
    await cut.commit(() => [{ append: entry('c', 1) }, blockAt('n', 1)])
  })
  afterEach(async () => {
    link.close()
    await Promise.all([cut.close(), other.close()])
    await server.remove()
  })
  const both: Change[] = [{ append: entry('c', 2) }, blockAt('n', 2)]
  const seen = async (): Promise<unknown> => [
    (await other.read('c', 1, 9, 9)).length,
    (await other.get('block', [['n']]))[0]?.next,
  ]

  it('before the slot is taken leaves nothing behind', async () => {
    link.cutWithin(slotField)
    await expect(cut.commit(() => both)).rejects.toMatchObject({ kind: 'unavailable' })
    expect((await other.commit(() => [blockAt('m', 1)])).refused).toEqual([])
    expect(await seen()).toEqual([1, 1])
    expect((await cut.commit(() => both)).refused).toEqual([])
    expect(await seen()).toEqual([2, 2])
  })

  it('with the answer about the slot lost is an error, and the same offer meets its twin', async () => {
    link.loseAnswerTo(slotField)
    await expect(cut.commit(() => both)).rejects.toMatchObject({ kind: 'unavailable' })
    const again = await cut.commit(() => both)
    expect(again.refused).toEqual([{ change: 0, why: 'twin', twin: entry('c', 2) }])
    expect(await seen()).toEqual([2, 2])
  })

  it.each(['im_message', 'im_block', 'im_last', 'im_state'])(
    'while effects are written to %s is finished by another node, and nothing half-written stays',
    async (collection) => {
      link.cutWithin(collection)
      // The first commit after a cut of something the loader reads would only meet that; the memo knows it by now.
      await cut.commit(() => both).catch(() => undefined)
      const before = performance.now()
      await other.commit(() => [blockAt('m', 1)])
      expect(performance.now() - before).toBeLessThan(3000)
      const [messages, next] = (await seen()) as [number, number]
      expect([messages, next]).toEqual([next, messages])
      const again = await cut.commit(() => both)
      expect(again.refused.map((r) => r.why)).toEqual(messages === 2 ? ['twin'] : [])
      expect(await seen()).toEqual([2, 2])
    },
  )
})

/** As BSON writes the name of a text field that only a new slot has. */
const slotField = '\u0002node\0'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
