import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, CommitResult, Store } from '../core/ports.ts'
import { entry, putUser } from '../testing/stores/changes.ts'

/** Every driver passes this suite; a driver file plus one line in `storage.test.ts` is all that a new store needs. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} store`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const commit = (changes: readonly Change[]): Promise<CommitResult> => store.commit(() => changes)
    const seqs = async (conversation: string): Promise<number[]> =>
      (await store.read(conversation, 0, 1e9, 1e9)).map((e) => e.seq)

    it('returns records in the order asked, undefined where there is none', async () => {
      await commit([putUser('ann'), putUser('bob')])
      const rows = await store.get('user', [['bob'], ['nobody'], ['ann']])
      expect(rows.map((r) => r?.user_id)).toEqual(['bob', undefined, 'ann'])
    })

    it('keeps every kind of field as it was put', async () => {
      const row = viewRow('c', 'ann', { max_seq: null, is_pinned: true })
      await commit([{ put: [{ kind: 'view', row }] }])
      expect(await store.get('view', [['c', 'ann']])).toEqual([{ ...row, version: 1 }])
    })

    it('raises the version with each put and with each raise that alters something', async () => {
      const put: Change = { put: [{ kind: 'view', row: viewRow('c', 'ann', { read_seq: 4 }) }] }
      await commit([put])
      await commit([put])
      await commit([{ raise: [{ kind: 'view', key: ['c', 'ann'], to: { read_seq: 3 } }] }])
      await commit([{ raise: [{ kind: 'view', key: ['c', 'ann'], to: { read_seq: 9 } }] }])
      const [view] = await store.get('view', [['c', 'ann']])
      expect([view?.version, view?.read_seq]).toEqual([3, 9])
    })

    it('does not make a record by raising it', async () => {
      await commit([{ raise: [{ kind: 'view', key: ['c', 'ann'], to: { read_seq: 9 } }] }])
      expect(await store.get('view', [['c', 'ann']])).toEqual([undefined])
    })

    it('removes records', async () => {
      await commit([putUser('ann')])
      await commit([{ remove: [{ kind: 'user', key: ['ann'] }] }])
      expect(await store.get('user', [['ann']])).toEqual([undefined])
    })

    it('lists along an index, bytewise, and pages behind a position', async () => {
      const conversations = ['sg_1', 'sg_10', 'sg_2', 'si_Z:a', 'si_a:\u{1f600}', 'si_a:\uffee']
      await commit(conversations.map((c) => ({ put: [{ kind: 'view', row: viewRow(c, 'ann') }] })))
      await commit([{ put: [{ kind: 'view', row: viewRow('sg_1', 'bob') }] }])
      const all = await store.list('view', 'by_user', ['ann'])
      const sorted = ['sg_1', 'sg_10', 'sg_2', 'si_Z:a', 'si_a:\uffee', 'si_a:\u{1f600}']
      expect(all.map((v) => v.conversation_id)).toEqual(sorted)
      const page = await store.list('view', 'by_user', ['ann'], { after: ['sg_10'], limit: 2 })
      expect(page.map((v) => v.conversation_id)).toEqual(['sg_2', 'si_Z:a'])
    })

    it('appends entries and reads them by seq, ascending and limited', async () => {
      await commit([1, 2, 3, 4].map((seq) => ({ append: entry('c', seq) })))
      const read = await store.read('c', 2, 9, 2)
      expect(read).toEqual([entry('c', 2), entry('c', 3)])
      expect(await store.read('c', 5, 4, 10)).toEqual([])
      expect(await store.read('unknown', 1, 10, 10)).toEqual([])
    })

    it('amends body, meta and salt of an entry and nothing else', async () => {
      await commit([1, 2].map((seq) => ({ append: entry('c', seq) })))
      const amended = { body: '', meta: '"gone":{"cause":"recalled"}', salt: '' }
      await commit([{ amend: [{ conversation_id: 'c', seq: 1, ...amended }] }])
      expect(await store.read('c', 1, 2, 2)).toEqual([{ ...entry('c', 1), ...amended }, entry('c', 2)])
      expect(await store.twins([['ann', 'c-1']])).toEqual([{ ...entry('c', 1), ...amended }])
    })

    it('does not make an entry by amending it', async () => {
      await commit([{ amend: [{ conversation_id: 'c', seq: 1, body: 'x', meta: '', salt: '' }] }])
      expect(await store.read('c', 0, 9, 9)).toEqual([])
    })

    it('ignores an amend ahead of its entry in the same batch', async () => {
      await commit([
        { amend: [{ conversation_id: 'c', seq: 1, body: 'x', meta: '', salt: '' }] },
        { append: entry('c', 1) },
      ])
      expect(await store.read('c', 0, 9, 9)).toEqual([entry('c', 1)])
    })

    it('takes back an amend when its batch is refused', async () => {
      await commit([{ append: entry('c', 1) }])
      const result = await commit([
        { amend: [{ conversation_id: 'c', seq: 1, body: 'x', meta: '', salt: '' }] },
        { append: entry('c', 1, { client_msg_id: 'other' }) },
      ])
      expect(result.refused).toEqual([{ change: 1, why: 'seq' }])
      expect(await store.read('c', 1, 1, 1)).toEqual([entry('c', 1)])
    })

    it('sees raises of the same batch in what is expected, put and read behind them', async () => {
      const key = ['c', 'ann']
      await commit([{ put: [{ kind: 'view', row: viewRow('c', 'ann') }] }])
      const raise = (read_seq: number): Change => ({ raise: [{ kind: 'view', key, to: { read_seq } }] })
      const stale = await commit([
        raise(3),
        { ...putUser('ann'), expect: [{ kind: 'view', key, version: 1 }] },
      ])
      expect(stale.refused.map((r) => [r.change, r.why])).toEqual([[1, 'expect']])
      await commit([raise(3), raise(7), raise(5)])
      const [raised] = await store.get('view', [key])
      expect(raised?.read_seq).toBe(7)
      await commit([raise(9), { put: [{ kind: 'view', row: viewRow('c', 'ann', { read_seq: 2 }) }] }])
      const [put] = await store.get('view', [key])
      expect(put?.read_seq).toBe(2)
    })

    it('answers the heads of many conversations at once', async () => {
      await commit([{ append: entry('a', 1) }, { append: entry('b', 1) }, { append: entry('b', 2) }])
      const heads = await store.heads(['b', 'none', 'a'])
      expect(heads.map((h) => h?.seq)).toEqual([2, undefined, 1])
    })

    it('refuses a taken seq and a seq that would leave a gap, and writes nothing of the batch', async () => {
      await commit([{ append: entry('c', 1) }])
      for (const seq of [1, 3]) {
        const result = await commit([
          putUser('ann'),
          { append: entry('c', seq, { client_msg_id: `x${seq}` }) },
        ])
        expect(result.refused).toEqual([{ change: 1, why: 'seq' }])
      }
      expect(await seqs('c')).toEqual([1])
      expect(await store.get('user', [['ann']])).toEqual([undefined])
    })

    it('numbers on after a refused batch as if that had never been offered', async () => {
      const unwanted = { ...putUser('ann'), expect: [{ kind: 'user', key: ['ann'], version: 7 }] } as const
      const refused = await commit([{ append: entry('c', 1) }, unwanted])
      expect(refused.refused).toEqual([{ change: 1, why: 'expect' }])
      const { refused: none } = await commit([{ append: entry('c', 1) }, { append: entry('c', 2) }])
      expect(none).toEqual([])
      expect(await seqs('c')).toEqual([1, 2])
    })

    it('refuses a twin with the stored entry, in whichever conversation it stands', async () => {
      await commit([{ append: entry('c', 1) }])
      const result = await commit([{ append: entry('d', 1, { client_msg_id: 'c-1' }) }])
      expect(result.refused).toEqual([{ change: 0, why: 'twin', twin: entry('c', 1) }])
      expect(await seqs('d')).toEqual([])
      expect(
        await store.twins([
          ['ann', 'c-1'],
          ['bob', 'c-1'],
        ]),
      ).toEqual([entry('c', 1), undefined])
    })

    it('refuses a stale version, a record that should be absent, and a head that moved', async () => {
      await commit([putUser('ann'), { append: entry('c', 1) }])
      const stale: Change[] = [
        { ...putUser('ann'), expect: [{ kind: 'user', key: ['ann'], version: 7 }] },
        { ...putUser('ann'), expect: [{ kind: 'user', key: ['ann'], version: 0 }] },
        { ...putUser('ann'), expect: [{ conversation: 'c', head: 0 }] },
      ]
      for (const change of stale) {
        const result = await commit([change])
        expect(result.refused).toEqual([{ change: 0, why: 'expect' }])
      }
      const [ann] = await store.get('user', [['ann']])
      expect(ann?.version).toBe(1)
    })

    it('names every refused change of a batch', async () => {
      await commit([{ append: entry('c', 1) }])
      const result = await commit([
        { append: entry('c', 1) },
        { append: entry('d', 1, { client_msg_id: 'fresh' }) },
        { ...putUser('x'), expect: [{ kind: 'user', key: ['x'], version: 3 }] },
      ])
      expect(result.refused.map((r) => [r.change, r.why])).toEqual([
        [0, 'twin'],
        [2, 'expect'],
      ])
    })

    it('lets later changes of a batch see the earlier ones', async () => {
      const result = await commit([
        putUser('ann'),
        { ...putUser('ann'), expect: [{ kind: 'user', key: ['ann'], version: 1 }] },
        { append: entry('c', 1) },
        { append: entry('c', 2), expect: [{ conversation: 'c', head: 1 }] },
      ])
      expect(result.refused).toEqual([])
    })

    it('numbers without gap or reuse when twenty writers offer at once', async () => {
      const writers = Array.from({ length: 20 }, (_, w) => writeTen(store, `w${w}`))
      await Promise.all(writers)
      expect(await seqs('c')).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    })

    it('keeps one of many twins offered at once', async () => {
      const offers = Array.from({ length: 20 }, (_, i) =>
        commit([{ append: entry(`c${i}`, 1, { client_msg_id: 'same' }) }]),
      )
      const results = await Promise.all(offers)
      expect(results.filter((r) => r.refused.length === 0)).toHaveLength(1)
    })

    it('gives positions that rise from commit to commit, and uses none for what it refuses', async () => {
      const before = await store.position()
      const first = await commit([putUser('ann'), putUser('bob')])
      expect(first.from).toBeGreaterThan(before)
      expect(await store.position()).toBe(first.from + 1)
      const refused = await commit([
        { ...putUser('ann'), expect: [{ kind: 'user', key: ['ann'], version: 0 }] },
      ])
      expect(await store.position()).toBe(first.from + 1)
      const next = await commit([putUser('cid')])
      expect([refused.from, next.from]).toEqual([first.from + 2, first.from + 2])
    })

    it('lets nobody write between a proposal and its commit', async () => {
      const seen: string[] = []
      const slow = store.commit(async (from) => {
        const [before] = await store.get('user', [['ann']])
        await new Promise((resolve) => setTimeout(resolve, 20))
        const [after] = await store.get('user', [['ann']])
        seen.push(`${before?.version} ${after?.version} ${from}`)
        return [putUser('ann')]
      })
      const others = Array.from({ length: 5 }, () => commit([putUser('ann')]))
      const froms = (await Promise.all([slow, ...others])).map((r) => r.from)
      expect(new Set(froms).size).toBe(6)
      // Where a store asks again, the last time counts.
      const [before, after, from] = seen.at(-1)?.split(' ') ?? []
      expect([before, Number(from)]).toEqual([after, froms[0]])
      const [ann] = await store.get('user', [['ann']])
      expect(ann?.version).toBe(6)
    })

    it('writes nothing when a proposal fails, and goes on', async () => {
      const failing = store.commit(() => Promise.reject(new Error('no proposal')))
      await expect(failing).rejects.toThrow('no proposal')
      expect((await commit([putUser('ann')])).refused).toEqual([])
    })

    it('goes through every kind in the order of its key, and through the conversations', async () => {
      const views = ['b', 'a', 'c'].flatMap((c) => ['ann', 'Ann'].map((u) => viewRow(c, u)))
      await commit(views.map((row) => ({ put: [{ kind: 'view', row }] })))
      await commit(
        ['si_b:c', 'sg_1', 'si_a:b'].flatMap((c) => [1, 2].map((seq) => ({ append: entry(c, seq) }))),
      )
      await commit([10, 9].map((next) => ({ put: [{ kind: 'block', row: { name: `n${next}`, next } }] })))
      const names = (rows: readonly { conversation_id: string; user_id: string }[]): string[] =>
        rows.map((r) => `${r.conversation_id} ${r.user_id}`)
      const first = await store.scan('view', { limit: 4 })
      expect(names(first)).toEqual(['a Ann', 'a ann', 'b Ann', 'b ann'])
      expect(names(await store.scan('view', { after: ['b', 'Ann'], limit: 2 }))).toEqual(['b ann', 'c Ann'])
      const blocks = await store.scan('block', { limit: 100 })
      expect(blocks.map((b) => b.name).filter((n) => n !== 'log')).toEqual(['n10', 'n9'])
      expect(await store.conversations({ limit: 2 })).toEqual(['sg_1', 'si_a:b'])
      expect(await store.conversations({ after: 'si_a:b', limit: 9 })).toEqual(['si_b:c'])
    })

    it('goes on behind a position that it is told', async () => {
      await store.advance(5_000_000)
      expect(await store.position()).toBe(5_000_000)
      await store.advance(4_000_000)
      expect((await commit([putUser('ann')])).from).toBe(5_000_001)
    })

    it('shows one moment in a snapshot, where it has them, whatever is written meanwhile', async () => {
      await commit([putUser('ann'), { append: entry('c', 1) }])
      const snapshot = await store.snapshot?.()
      if (!snapshot) return
      await commit([putUser('ann'), { append: entry('c', 2) }])
      const [ann] = await snapshot.get('user', [['ann']])
      expect([ann?.version, (await snapshot.heads(['c']))[0]?.seq]).toEqual([1, 1])
      expect(await snapshot.scan('user', { limit: 9 })).toHaveLength(1)
      await expect(snapshot.commit(() => [putUser('bob')])).rejects.toThrow(/only read/)
      await snapshot.close()
      expect((await store.heads(['c']))[0]?.seq).toBe(2)
    })

    it('keeps hostile text and large integers unchanged', async () => {
      const text = 'a\u0000b \u202e\u{1f468}\u200d\u{1f469} \'";--%_\\ 你好 \r\n\t'
      const big = {
        id: 2 ** 53 - 1,
        send_at: 2 ** 53 - 1,
        body: JSON.stringify({ text }),
        client_msg_id: text,
      }
      await commit([{ append: entry(`si_${text}`, 1, big) }])
      expect(await store.read(`si_${text}`, 1, 1, 1)).toEqual([entry(`si_${text}`, 1, big)])
      expect(await store.twins([['ann', text]])).toEqual([entry(`si_${text}`, 1, big)])
    })

    it('compares ids byte by byte', async () => {
      await commit([putUser('ann'), putUser('Ann'), putUser('ann '), putUser('änn')])
      const rows = await store.get('user', [['ann'], ['Ann'], ['ann '], ['ANN'], ['a\u0308nn']])
      expect(rows.map((r) => r?.user_id)).toEqual(['ann', 'Ann', 'ann ', undefined, undefined])
    })
  })
}

async function writeTen(store: Store, sender: string): Promise<void> {
  for (let n = 0; n < 10; n++) {
    for (;;) {
      const [head] = await store.heads(['c'])
      const offered = entry('c', (head?.seq ?? 0) + 1, { sender_id: sender, client_msg_id: String(n) })
      if ((await store.commit(() => [{ append: offered }])).refused.length === 0) break
    }
  }
}

function viewRow(conversation: string, userId: string, more: Partial<ReturnType<typeof plainView>> = {}) {
  return { ...plainView(conversation, userId), ...more }
}

function plainView(conversation_id: string, user_id: string) {
  return {
    conversation_id,
    user_id,
    min_seq: 1,
    max_seq: null as number | null,
    read_seq: 0,
    recv_msg_opt: 0,
    is_pinned: false,
    touched_at: 5,
    position: 1,
    from_position: 0,
    to_position: null as number | null,
    delivered_seq: 0,
    mention_seq: 0,
    draft: '',
    draft_at: 0,
    marked_unread: false,
    hidden_at: -1,
    hidden_count: 0,
  }
}
