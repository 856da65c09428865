import { createHash } from 'node:crypto'
import { chainOf, ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../storage/memory.ts'
import { type ManualClock, manualClock, silentLog } from '../testing/clock.ts'
import type { CommitResult, Entry, Proposal, Store } from './ports.ts'
import { createTally, type Tally } from './tally.ts'
import { createWriter, type Offer, type Writer } from './writer.ts'

function setUp(
  store: Store,
  prepare: (conversations: readonly string[]) => Promise<void> = async () => undefined,
): { writer: Writer; published: Entry[]; tally: Tally; clock: ManualClock } {
  const published: Entry[] = []
  const clock = manualClock()
  const tally = createTally(clock.now)
  const writer = createWriter({
    store,
    clock,
    log: silentLog,
    tally,
    sha256,
    prepare,
    settle: (_from, _to, run) => run(),
    published: (entry) => void published.push(entry),
  })
  return { writer, published, tally, clock }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

let ids = 0
function message(conversation: string, id = `m${ids++}`): Offer {
  return {
    conversation,
    build: ({ head, position }) => ({
      append: {
        conversation_id: conversation,
        seq: head + 1,
        id: position,
        sender_id: 'ann',
        client_msg_id: id,
        msg_type: 1,
        body: '{}',
        send_at: 0,
        meta: '',
        salt: 's',
        digest: 'd',
      },
    }),
  }
}

/** A store whose commits can be counted, broken before they write, or broken after. */
function shaky(): Store & { commits: number[]; fail: 'no' | 'before' | 'after' } {
  const inner = openMemoryStore()
  const self = {
    ...inner,
    commits: [] as number[],
    fail: 'no' as 'no' | 'before' | 'after',
    commit: async (propose: Proposal): Promise<CommitResult> => {
      const { fail } = self
      self.fail = 'no'
      if (fail === 'before') throw new Error('the disk is gone')
      const result = await inner.commit(async (from) => {
        const changes = await propose(from)
        self.commits.push(changes.length)
        return changes
      })
      if (fail === 'after') throw new Error('the reply is lost')
      return result
    },
  }
  return self
}

const seqsOf = async (store: Store, conversation: string): Promise<number[]> =>
  (await store.read(conversation, 1, 1e6, 1e6)).map((e) => e.seq)

describe('writer', () => {
  it('puts everything offered in one turn into one commit', async () => {
    const store = shaky()
    const { writer } = setUp(store)
    await Promise.all(Array.from({ length: 50 }, (_, i) => writer.offer(message(`c${i % 3}`))))
    expect(store.commits).toEqual([50])
  })

  it('numbers each conversation 1, 2, 3 and publishes in commit order', async () => {
    const store = shaky()
    const { writer, published } = setUp(store)
    await Promise.all(['a', 'b', 'a', 'a', 'b'].map((c) => writer.offer(message(c))))
    expect(published.map((e) => `${e.conversation_id}${e.seq}`)).toEqual(['a1', 'b1', 'a2', 'a3', 'b2'])
  })

  it('links every message to the one before it, over batches, a new start and a failed commit', async () => {
    const store = shaky()
    const first = setUp(store).writer
    await Promise.all([first.offer(message('c')), first.offer(message('d')), first.offer(message('c'))])
    store.fail = 'before'
    await expect(first.offer(message('c'))).rejects.toThrow('message send failed')
    const second = setUp(store).writer
    await Promise.all([second.offer(message('c')), second.offer(message('c'))])
    for (const conversation of ['c', 'd']) {
      let before = ''
      for (const entry of await store.read(conversation, 1, 99, 99)) {
        before = chainOf(sha256, before, entry)
        expect(entry.chain).toBe(before)
      }
    }
    expect(await seqsOf(store, 'c')).toEqual([1, 2, 3, 4])
  })

  it('gives positions that rise in the order of commits', async () => {
    const store = shaky()
    const { writer } = setUp(store)
    const places: number[] = []
    const told = (offer: Offer): Offer => ({
      ...offer,
      kept: (_, { position }) => void places.push(position),
    })
    await Promise.all(['a', 'b', 'a'].map((c) => writer.offer(told(message(c)))))
    await writer.offer(told({ build: () => ({}) }))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(new Set(places).size).toBe(4)
    expect(await store.position()).toBe(places.at(-1))
  })

  it('takes up the numbering of what was stored before it started', async () => {
    const store = shaky()
    await setUp(store).writer.offer(message('c'))
    await setUp(store).writer.offer(message('c'))
    expect(await seqsOf(store, 'c')).toEqual([1, 2])
  })

  it('takes along what is offered while the store waits for its turn among the nodes', async () => {
    const inner = shaky()
    const turns: (() => void)[] = []
    const turn = (): Promise<void> => new Promise((resolve) => turns.push(resolve))
    const store = { ...inner, commit: (propose: Proposal) => turn().then(() => inner.commit(propose)) }
    const prepared: string[] = []
    const { writer, published } = setUp(store, async (conversations) => void prepared.push(...conversations))
    const first = writer.offer(message('a'))
    await expect.poll(() => turns.length).toBe(1)
    const others = [writer.offer(message('a')), writer.offer(message('b'))]
    turns[0]?.()
    await Promise.all([first, ...others])
    expect(inner.commits).toEqual([3])
    expect(published.map((e) => `${e.conversation_id}${e.seq}`)).toEqual(['a1', 'a2', 'b1'])
    expect(prepared).toContain('b')
  })

  it('is behind while more waits than it keeps in half a second, and not before it knows, nor once all is kept', async () => {
    const inner = shaky()
    const { writer, clock } = setUp({
      ...inner,
      commit: (propose) => {
        clock.advance(400)
        return inner.commit(propose)
      },
    })
    const behind: boolean[] = []
    const offers = Array.from({ length: 9000 }, (_, i) =>
      writer.offer({
        ...message(`c${i % 10}`),
        kept: () => void (i % 2000 === 0 && behind.push(writer.isBehind())),
      }),
    )
    expect(writer.isBehind()).toBe(false)
    await Promise.all(offers)
    // 2,000 in 400 ms: 7,000 waiting, not known yet; 5,000; 3,000; 1,000, which go together; none.
    expect(behind).toEqual([false, true, true, false, false])
    expect(writer.isBehind()).toBe(false)
  })

  it('lets nobody join a second attempt: who was refused beside another comes after him', async () => {
    const inner = shaky()
    const turns: (() => void)[] = []
    const turn = (): Promise<void> => new Promise((resolve) => turns.push(resolve))
    const store = { ...inner, commit: (propose: Proposal) => turn().then(() => inner.commit(propose)) }
    const { writer } = setUp(store)
    const never = { kind: 'user' as const, key: ['nobody'], version: 7 }
    const first = writer.offer(message('a'))
    const refused = writer.offer({ build: () => ({ expect: [never] }) })
    await expect.poll(() => turns.length).toBe(1)
    turns[0]?.()
    await expect.poll(() => turns.length).toBe(2)
    const later = writer.offer(message('b'))
    turns[1]?.()
    await expect.poll(() => turns.length).toBe(3)
    turns[2]?.()
    expect(await refused).toMatchObject({ refusal: { why: 'expect' } })
    await Promise.all([first, later])
    expect(inner.commits).toEqual([2, 1, 1])
  })

  it('lets nobody wait for a second timeout when the store is away, and goes on once it is back', async () => {
    const inner = shaky()
    const turns: (() => void)[] = []
    let isAway = true
    const store = {
      ...inner,
      commit: async (propose: Proposal) => {
        if (!isAway) return inner.commit(propose)
        await new Promise<void>((resolve) => turns.push(resolve))
        throw new ImError('unavailable', { retryAfter: 1 })
      },
    }
    const { writer } = setUp(store)
    const first = writer.offer(message('a'))
    await expect.poll(() => turns.length).toBe(1)
    const others = [
      writer.offer(message('a')),
      writer.offer({ ...message('b'), look: async () => undefined }),
    ]
    turns[0]?.()
    const outcomes = await Promise.allSettled([first, ...others])
    expect(outcomes.map((o) => o.status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(turns).toHaveLength(1)
    isAway = false
    await writer.offer(message('a'))
    expect(await seqsOf(inner, 'a')).toEqual([1])
  })

  it('rejects those that joined a batch together with it', async () => {
    const inner = shaky()
    inner.fail = 'before'
    const turns: (() => void)[] = []
    const turn = (): Promise<void> => new Promise((resolve) => turns.push(resolve))
    const broken = async (propose: Proposal): Promise<CommitResult> => {
      await turn()
      await propose(1_000_000)
      return inner.commit(propose)
    }
    const { writer } = setUp({ ...inner, commit: broken })
    const first = writer.offer(message('a'))
    await expect.poll(() => turns.length).toBe(1)
    const second = writer.offer(message('b'))
    turns[0]?.()
    const outcomes = await Promise.allSettled([first, second])
    expect(outcomes.map((o) => o.status)).toEqual(['rejected', 'rejected'])
  })

  it('rejects a whole batch whose commit failed and leaves neither a gap nor a reused seq', async () => {
    const store = shaky()
    const { writer, published } = setUp(store)
    await writer.offer(message('c'))
    store.fail = 'before'
    const lost = await Promise.allSettled([writer.offer(message('c')), writer.offer(message('d'))])
    for (const result of lost) {
      expect(result.status).toBe('rejected')
      expect((result as PromiseRejectedResult).reason).toMatchObject({ kind: 'send_failed' })
    }
    await writer.offer(message('c'))
    expect(await seqsOf(store, 'c')).toEqual([1, 2])
    expect(await seqsOf(store, 'd')).toEqual([])
    expect(published).toHaveLength(2)
  })

  it('finds the stored message again when only the reply of the commit was lost', async () => {
    const store = shaky()
    const { writer } = setUp(store)
    store.fail = 'after'
    await expect(writer.offer(message('c', 'once'))).rejects.toBeInstanceOf(ImError)
    const again = await writer.offer(message('c', 'once'))
    expect(again).toMatchObject({ refusal: { why: 'twin', twin: { seq: 1 } } })
    await writer.offer(message('c', 'next'))
    expect(await seqsOf(store, 'c')).toEqual([1, 2])
  })

  it('offers again with a fresh head when another node took the seq', async () => {
    const store = shaky()
    const { writer } = setUp(store)
    await writer.offer(message('c'))
    await setUp(store).writer.offer(message('c'))
    await Promise.all([writer.offer(message('c')), writer.offer(message('c'))])
    expect(await seqsOf(store, 'c')).toEqual([1, 2, 3, 4])
  })

  it('never lets one refused change cost a stranger’s', async () => {
    const store = shaky()
    const { writer } = setUp(store)
    await writer.offer(message('c', 'known'))
    const bad: Offer = { build: () => ({ expect: [{ kind: 'user', key: ['x'], version: 9 }] }) }
    const [twin, refused, fine, elsewhere] = await Promise.all([
      writer.offer(message('d', 'known')),
      writer.offer(bad),
      writer.offer(message('d', 'new')),
      writer.offer(message('e', 'new elsewhere')),
    ])
    expect(twin).toMatchObject({ refusal: { why: 'twin' } })
    expect(refused).toMatchObject({ refusal: { why: 'expect' } })
    expect(fine).toMatchObject({ change: { append: { seq: 1 } } })
    expect(elsewhere).toMatchObject({ change: { append: { seq: 1 } } })
    expect(await seqsOf(store, 'd')).toEqual([1])
  })

  it('lets everyone who has to look at rows do so when the one before is written, each in a batch of its own', async () => {
    const store = shaky()
    const { writer } = setUp(store)
    const seen: (number | undefined)[] = []
    const looker = (next: number): Offer => ({
      look: async () => void seen.push((await store.get('block', [['rows']]))[0]?.next),
      build: () => ({ put: [{ kind: 'block', row: { name: 'rows', next } }] }),
    })
    const offers = [looker(1), message('c'), looker(2), looker(3)]
    await Promise.all(offers.map((offer) => writer.offer(offer)))
    expect(seen).toEqual([undefined, 1, 2])
    expect(store.commits).toEqual([2, 1, 1])
  })

  it('never lets one change that the store cannot keep cost those beside it', async () => {
    const inner = openMemoryStore()
    const store: Store = {
      ...inner,
      commit: (propose) =>
        inner.commit(async (from) => {
          const changes = await propose(from)
          if (changes.some((c) => c.append?.body === 'too long'))
            throw new ImError('invalid_parameter', { detail: 'longer than the store keeps' })
          return changes
        }),
    }
    const { writer } = setUp(store)
    const long = message('c')
    const unfit: Offer = {
      ...long,
      build: (place) => {
        const { append } = long.build(place)
        return append ? { append: { ...append, body: 'too long' } } : {}
      },
    }
    const offers = [message('c'), message('d'), unfit, message('c'), message('d')]
    const outcomes = await Promise.allSettled(offers.map((o) => writer.offer(o)))
    expect(outcomes.map((o) => o.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    expect(await seqsOf(store, 'c')).toEqual([1, 2])
    expect(await seqsOf(store, 'd')).toEqual([1, 2])
  })

  it('stores one of a hundred equal sends offered at once and gives the others that one', async () => {
    const store = shaky()
    const { writer, published } = setUp(store)
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => writer.offer(message('c', 'same'))))
    expect(verdicts.filter((v) => 'change' in v)).toHaveLength(1)
    const twins = verdicts.flatMap((v) => ('refusal' in v ? [v.refusal] : []))
    expect(twins.map((t) => [t.why, t.twin?.seq])).toEqual(Array(99).fill(['twin', 1]))
    expect(published).toHaveLength(1)
  })

  it('gives up with 4004 when the seq is taken again and again', async () => {
    const inner = openMemoryStore()
    const store: Store = {
      ...inner,
      commit: async (propose) => {
        const changes = await propose(1)
        return { from: 1, refused: changes.map((_, change) => ({ change, why: 'seq' as const })) }
      },
    }
    await expect(setUp(store).writer.offer(message('c'))).rejects.toMatchObject({ kind: 'seq_failed' })
  })
})
