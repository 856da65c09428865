import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Change, CommitResult, Put, Store } from '../core/ports.ts'
import type { Key, Kind } from '../core/tables.ts'
import { entry } from '../testing/stores/changes.ts'
import { freshStore, type ServerStore, serverUrl } from '../testing/stores/fresh.ts'
import { openStore } from './open.ts'

/** Few names, so that histories meet themselves: among them such that fold, pad or sort differently in careless stores. */
const users = ['ann', 'Ann', 'ann ', 'änn', 'b', '\u{1f600}', '\uffee']
const conversations = ['sg_1', 'sg_10', 'sg_2', 'si_a:b']
const user = fc.constantFrom(...users)
const conversation = fc.constantFrom(...conversations)
const small = fc.integer({ min: 0, max: 5 })
const large = fc.constantFrom(0, 1, -1, 2 ** 31, 2 ** 53 - 1)

const viewPut = fc
  .record({
    c: conversation,
    u: user,
    read: small,
    max: fc.option(small),
    pinned: fc.boolean(),
    at: large,
    draft: fc.string({ maxLength: 5 }),
  })
  .map(
    ({ c, u, read, max, pinned, at, draft }): Put => ({
      kind: 'view',
      row: {
        conversation_id: c,
        user_id: u,
        min_seq: 1,
        max_seq: max,
        read_seq: read,
        recv_msg_opt: 0,
        is_pinned: pinned,
        touched_at: at,
        position: read,
        from_position: 0,
        to_position: null,
        delivered_seq: 0,
        mention_seq: 0,
        draft: draft.toWellFormed(),
        draft_at: 0,
        marked_unread: false,
        hidden_at: -1,
        hidden_count: 0,
      },
    }),
  )
const noticePut = fc.record({ c: conversation, position: small, at: small }).map(
  ({ c, position, at }): Put => ({
    kind: 'notice',
    row: {
      conversation_id: c,
      position,
      at_seq: at,
      kind: 'k',
      actor_id: '',
      user_ids: '[]',
      data: '{}',
      created_at: 0,
    },
  }),
)
const relationPut = fc.record({ o: user, x: user, friend: fc.boolean(), position: small }).map(
  ({ o, x, friend, position }): Put => ({
    kind: 'relation',
    row: {
      owner_id: o,
      other_id: x,
      is_friend: friend,
      is_blocked: !friend,
      remark: '',
      friends_since: 0,
      position,
    },
  }),
)
const privacyPut = user.map(
  (user_id): Put => ({
    kind: 'privacy',
    row: { user_id, find_me: 0, message_me: 1, add_to_groups: 2, see_online: 0, see_read: 0, position: 1 },
  }),
)

/** A step of a history: numbers in it are taken relative to what the model holds, so that most of it can stand. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      c: conversation,
      u: user,
      id: small,
      off: fc.constantFrom(0, 0, 0, 0, 1, -1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      put: fc.oneof(viewPut, noticePut, relationPut, privacyPut),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('raise' as const), c: conversation, u: user, read: small }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), c: conversation, u: user }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('amend' as const),
      c: conversation,
      seq: small,
      body: fc.string({ maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('expect' as const),
      c: conversation,
      u: user,
      off: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('head' as const),
      c: conversation,
      off: fc.constantFrom(0, 0, 1),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The changes of one batch, as the model's present makes them. */
async function changesOf(model: Store, steps: readonly Step[], from: number): Promise<Change[]> {
  const ahead = new Map<string, number>()
  const names = new Set<string>()
  const changes: Change[] = []
  for (const [i, s] of steps.entries()) {
    // A batch names a client_msg_id once; raises that nothing looks at in between may count as one.
    const name = s.do === 'append' ? `${s.u} ${s.id}` : s.do === 'raise' ? `${s.c} ${s.u} raised` : ''
    if (names.has(name)) continue
    if (name !== '') names.add(name)
    changes.push(await changeOf(model, s, from + i, ahead))
  }
  return changes
}

async function changeOf(
  model: Store,
  s: Step,
  position: number,
  ahead: Map<string, number>,
): Promise<Change> {
  switch (s.do) {
    case 'append': {
      const head = ahead.get(s.c) ?? (await model.heads([s.c]))[0]?.seq ?? 0
      const seq = Math.max(1, head + 1 + s.off)
      if (s.off === 0) ahead.set(s.c, seq)
      const said = { id: position, sender_id: s.u, client_msg_id: `m${s.id}`, chain: `c${position}` }
      return { append: entry(s.c, seq, said) }
    }
    case 'put':
      return { put: [s.put] }
    case 'raise':
      return { raise: [{ kind: 'view', key: [s.c, s.u], to: { read_seq: s.read, delivered_seq: s.read } }] }
    case 'remove':
      return { remove: [{ kind: 'view', key: [s.c, s.u] }] }
    case 'amend':
      return {
        amend: [{ conversation_id: s.c, seq: s.seq, body: s.body.toWellFormed(), meta: '"x":1', salt: '' }],
      }
    case 'expect': {
      const [view] = await model.get('view', [[s.c, s.u]])
      return { expect: [{ kind: 'view', key: [s.c, s.u], version: (view?.version ?? 0) + s.off }] }
    }
    case 'head': {
      const [head] = await model.heads([s.c])
      return { expect: [{ conversation: s.c, head: (head?.seq ?? 0) + s.off }] }
    }
  }
}

/** Everything a store answers, page by page and along every way that leads to it. */
async function answers(store: Store): Promise<unknown> {
  const kinds: Kind[] = ['view', 'notice', 'relation', 'privacy']
  const keys: Key[] = conversations.flatMap((c) => users.map((u) => [c, u]))
  return {
    scans: await Promise.all(kinds.map((kind) => store.scan(kind, { limit: 1000 }))),
    paged: await Promise.all(conversations.map((c) => pages(store, c))),
    views: await store.get('view', keys),
    byUser: await Promise.all(users.map((u) => store.list('view', 'by_user', [u]))),
    friends: await Promise.all(users.map((u) => store.list('relation', 'by_friend', [u, true]))),
    changed: await Promise.all(
      users.map((u) => store.list('relation', 'by_change', [u], { after: [2], limit: 3 })),
    ),
    anchored: await Promise.all(
      conversations.map((c) => store.list('notice', 'by_anchor', [c], { after: [2], limit: 4 })),
    ),
    logs: await Promise.all(conversations.map((c) => store.read(c, 0, 1e9, 1e9))),
    middle: await Promise.all(conversations.map((c) => store.read(c, 2, 4, 2))),
    heads: await store.heads(conversations),
    twins: await store.twins(users.flatMap((u) => [0, 1, 2, 3, 4, 5].map((n) => [u, `m${n}`] as const))),
    conversations: await store.conversations({ limit: 100 }),
  }
}

async function pages(store: Store, conversation: string): Promise<string[]> {
  const found: string[] = []
  for (let after: Key | undefined; ; ) {
    const page = await store.list('view', 'by_conversation', [conversation], {
      limit: 2,
      ...(after && { after }),
    })
    found.push(...page.map((v) => v.user_id))
    const last = page.at(-1)
    if (!last) return found
    after = [last.user_id]
  }
}

const plain = ({ from, refused }: CommitResult, base: number): unknown => ({ from: from - base, refused })

const folder = mkdtempSync(join(tmpdir(), 'nexo-equal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

async function holdsEqual(open: () => Promise<Store>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 }),
      async (history) => {
        const [model, store] = await Promise.all([openStore('memory:'), open()])
        try {
          const [modelBase, base] = await Promise.all([model.position(), store.position()])
          for (const steps of history) {
            // Ids are those of the model, so that both are given the same.
            const changes = await changesOf(model, steps, (await model.position()) + 1)
            const expected = await model.commit(() => changes)
            const found = await store.commit(() => changes)
            expect(plain(found, base)).toEqual(plain(expected, modelBase))
          }
          expect((await store.position()) - base).toBe((await model.position()) - modelBase)
          expect(await answers(store)).toEqual(await answers(model))
        } finally {
          await store.close()
        }
      },
    ),
    { numRuns },
  )
}

describe('random histories leave every store as they leave the one in memory', () => {
  it('sqlite', async () => {
    const open = (): Promise<Store> => openStore(`sqlite:${join(folder, `${files++}`, 'im.db')}`)
    await expect(holdsEqual(open, 60)).resolves.toBeUndefined()
  }, 60_000)

  const runs: Record<ServerStore, number> = { mysql: 60, mongodb: 15, redis: 60 }
  for (const name of Object.keys(runs) as ServerStore[]) {
    it.skipIf(serverUrl(name) === undefined)(
      `${name}`,
      async () => {
        await expect(holdsEqual(() => freshStore(name), runs[name])).resolves.toBeUndefined()
      },
      180_000,
    )
  }
})
