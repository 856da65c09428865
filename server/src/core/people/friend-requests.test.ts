import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requestState } from '@nexo-im/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import { device } from '../../testing/domain/device.ts'
import { dumpStore } from '../../testing/domain/dump.ts'
import { defaultCaps } from '../caps.ts'
import type { Store } from '../ports.ts'

const friends = async (cast: Cast, who: string): Promise<string[]> =>
  (await cast.act(who, 'friend.list', {})).list.map((r) => r.user_id)
const waiting = async (cast: Cast, who: string, direction: 'in' | 'out'): Promise<string[]> =>
  (await cast.act(who, 'friend.requests', { direction })).list.map((r) =>
    direction === 'in' ? r.from_id : r.to_id,
  )
const changesOf = async (core: TestCore, who: string, position: string): Promise<object[]> =>
  (await core.dispatch({ userId: who, sessionId: 's', platformId: 5 }, 'sync.changes', { position })).changes

async function pair(options: Parameters<typeof castOf>[0] = {}): Promise<Cast> {
  const cast = await castOf(options)
  await cast.join('ann', 'bob')
  return cast
}

describe('a friend request', () => {
  it('waits with the other side, who accepts it: both are friends and the request is gone', async () => {
    const cast = await pair()
    const asked = await cast.act('ann', 'friend.request', { user_id: 'bob', message: 'hello' })
    expect(asked).toMatchObject({ from_id: 'ann', to_id: 'bob', message: 'hello', state: 1 })
    expect([await waiting(cast, 'bob', 'in'), await waiting(cast, 'ann', 'out')]).toEqual([['ann'], ['bob']])
    expect([await friends(cast, 'ann'), await friends(cast, 'bob')]).toEqual([[], []])
    await cast.act('bob', 'friend.accept', { user_id: 'ann' })
    expect([await friends(cast, 'ann'), await friends(cast, 'bob')]).toEqual([['bob'], ['ann']])
    expect([await waiting(cast, 'bob', 'in'), await waiting(cast, 'ann', 'out')]).toEqual([[], []])
    expect(await cast.refusal('bob', 'friend.accept', { user_id: 'ann' })).toBe('request_not_found')
    expect(await cast.refusal('ann', 'friend.request', { user_id: 'bob' })).toBe('already_friends')
  })

  it('of two who ask each other makes them friends at once', async () => {
    const cast = await pair()
    await cast.act('ann', 'friend.request', { user_id: 'bob' })
    const { state } = await cast.act('bob', 'friend.request', { user_id: 'ann' })
    expect(state).toBe(requestState.accepted)
    expect([await friends(cast, 'ann'), await friends(cast, 'bob')]).toEqual([['bob'], ['ann']])
  })

  it('that was rejected looks to its sender as if it waited, in every answer and in what devices catch up', async () => {
    const cast = await pair()
    await cast.join('eve')
    const asked = await cast.act('ann', 'friend.request', { user_id: 'bob' })
    await cast.act('ann', 'friend.request', { user_id: 'eve' })
    const { position } = await cast.act('ann', 'sync.changes', {})
    const before = await cast.act('ann', 'friend.requests', { direction: 'out' })
    const phone = await device(cast.core, 'ann')
    cast.core.clock.advance(1000)
    await cast.act('bob', 'friend.reject', { user_id: 'ann' })
    expect(await waiting(cast, 'bob', 'in')).toEqual([])
    expect(await cast.act('ann', 'friend.requests', { direction: 'out' })).toEqual(before)
    expect(await cast.act('ann', 'friend.request', { user_id: 'bob', message: 'please' })).toEqual(asked)
    expect(await changesOf(cast.core, 'ann', position)).toEqual([])
    expect(await phone.heard()).toEqual([])
    await cast.act('ann', 'friend.withdraw', { user_id: 'bob' })
    expect(await waiting(cast, 'ann', 'out')).toEqual(['eve'])
    await cast.act('ann', 'friend.request', { user_id: 'bob' })
    expect(await waiting(cast, 'bob', 'in')).toEqual(['ann'])
  })

  it('can be taken back, and then not be accepted', async () => {
    const cast = await pair()
    await cast.act('ann', 'friend.request', { user_id: 'bob' })
    await cast.act('ann', 'friend.withdraw', { user_id: 'bob' })
    for (const name of ['friend.accept', 'friend.reject'] as const)
      expect(await cast.refusal('bob', name, { user_id: 'ann' })).toBe('request_not_found')
    expect(await cast.refusal('ann', 'friend.withdraw', { user_id: 'bob' })).toBe('request_not_found')
  })

  it('to oneself, to nobody, to who blocked one or whom one blocks is refused and changes nothing', async () => {
    const cast = await pair()
    await cast.join('eve')
    await cast.act('eve', 'block.add', { user_id: 'ann' })
    await cast.act('ann', 'block.add', { user_id: 'bob' })
    const before = await dumpStore(cast.core.store)
    const ask = (user_id: string) => cast.refusal('ann', 'friend.request', { user_id })
    expect([await ask('ann'), await ask('ghost'), await ask('eve'), await ask('bob')]).toEqual([
      'not_with_oneself',
      'user_not_found',
      'blocked',
      'blocked',
    ])
    expect(await dumpStore(cast.core.store)).toBe(before)
  })

  it('reaches the devices of both, and whoever was away finds the same by catching up', async () => {
    const cast = await pair()
    const { position } = await cast.act('bob', 'sync.changes', {})
    const annPhone = await device(cast.core, 'ann')
    const annPad = await device(cast.core, 'ann', { platform_id: 9 })
    const bobPhone = await device(cast.core, 'bob')
    await cast.core.dispatch(annPhone.caller, 'friend.request', { user_id: 'bob' })
    const [told] = await bobPhone.heard()
    expect(told).toMatchObject({ name: 'changed', data: { changes: [{ friend_request: { state: 1 } }] } })
    expect(await annPad.heard()).toEqual([told])
    expect(await annPhone.heard()).toEqual([])
    await cast.core.dispatch(bobPhone.caller, 'friend.accept', { user_id: 'ann' })
    const [accepted] = await annPhone.heard()
    expect(accepted?.data).toMatchObject({
      changes: [
        { relation: { user_id: 'bob', is_friend: true, user: { nickname: 'bob' } } },
        { friend_request: { state: 2 } },
      ],
    })
    const found = await changesOf(cast.core, 'bob', position)
    expect(found).toMatchObject([
      { relation: { user_id: 'ann', is_friend: true } },
      { friend_request: { from_id: 'ann', state: 2 } },
    ])
  })
})

describe('lists of requests', () => {
  it.each(['in', 'out'] as const)(
    'page through what waits (%s), oldest first, without gap or repeat',
    async (direction) => {
      const cast = await castOf()
      const others = ['b1', 'b2', 'b3', 'b4', 'b5']
      await cast.join('ann', ...others)
      for (const id of others) {
        cast.core.clock.advance(1)
        if (direction === 'out') await cast.act('ann', 'friend.request', { user_id: id })
        else await cast.act(id, 'friend.request', { user_id: 'ann' })
      }
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await cast.act('ann', 'friend.requests', {
          direction,
          limit: 2,
          ...(cursor && { cursor }),
        })
        seen.push(...page.list.map((r) => (direction === 'in' ? r.from_id : r.to_id)))
        cursor = page.next_cursor
      } while (cursor !== undefined)
      expect(seen).toEqual(others)
      expect(await cast.refusal('ann', 'friend.requests', { direction, cursor: 'x' })).toBe(
        'invalid_parameter',
      )
    },
  )
})

describe('caps of requests and friends', () => {
  it('hold at one beyond, also when many are sent at once; a rejected request counts as waiting', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, pendingRequests: 3 } } })
    const others = ['b1', 'b2', 'b3', 'b4', 'b5', 'b6']
    await cast.join('ann', ...others)
    const results = await Promise.all(
      others.map((user_id) => cast.refusal('ann', 'friend.request', { user_id })),
    )
    expect(results.filter((r) => r === 'done')).toHaveLength(3)
    expect(results.filter((r) => r === 'cap_reached')).toHaveLength(3)
    const [first = ''] = await waiting(cast, 'ann', 'out')
    await cast.act(first, 'friend.reject', { user_id: 'ann' })
    const [free = ''] = others.filter((_, i) => results[i] === 'cap_reached')
    expect(await cast.refusal('ann', 'friend.request', { user_id: free })).toBe('cap_reached')
    await cast.act('ann', 'friend.withdraw', { user_id: first })
    expect(await cast.refusal('ann', 'friend.request', { user_id: free })).toBe('done')
  })

  it('let nobody have one friend too many, on either side, however many accept at once', async () => {
    const cast = await castOf({ rules: { caps: { ...defaultCaps, friends: 2 } } })
    const others = ['b1', 'b2', 'b3', 'b4']
    await cast.join('ann', ...others)
    for (const id of others) await cast.act(id, 'friend.request', { user_id: 'ann' })
    const results = await Promise.all(
      others.map((user_id) => cast.refusal('ann', 'friend.accept', { user_id })),
    )
    expect(results.sort()).toEqual(['cap_reached', 'cap_reached', 'done', 'done'])
    const [count] = await cast.core.store.get('relation_count', [['ann']])
    expect(count).toMatchObject({ friends: 2, relations: 2 })
    const [left = ''] = await waiting(cast, 'ann', 'in')
    expect(await cast.refusal('ann', 'friend.request', { user_id: left })).toBe('cap_reached')
    const [friend = ''] = await friends(cast, 'ann')
    await cast.act('ann', 'friend.delete', { user_id: friend })
    expect(await cast.refusal('ann', 'friend.accept', { user_id: left })).toBe('done')
  })
})

const stores: Store[] = []
const folders: string[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Two nodes over one store, so that nothing but the records themselves keeps their requests apart. */
async function twoNodes(kind: 'memory' | 'sqlite'): Promise<[TestCore, TestCore]> {
  const folder = kind === 'sqlite' ? mkdtempSync(join(tmpdir(), 'nexo-pairs-')) : ''
  if (folder !== '') folders.push(folder)
  const store = await openStore(folder === '' ? 'memory:' : `sqlite:${join(folder, 'nexo.db')}`)
  stores.push(store)
  const one = await testCore({ store })
  const two = await testCore({ store: one.store, clock: one.clock })
  for (const id of ['ann', 'bob']) await one.person(id)
  return [one, two]
}
const as = (userId: string) => ({ userId, sessionId: `s of ${userId}`, platformId: 5 })

async function standing({ store }: TestCore) {
  const [ab, ba] = await store.get('relation', [
    ['ann', 'bob'],
    ['bob', 'ann'],
  ])
  const requests = await store.get('friend_request', [
    ['ann', 'bob'],
    ['bob', 'ann'],
  ])
  const counts = await store.get('relation_count', [['ann'], ['bob']])
  return {
    friends: [ab?.is_friend ?? false, ba?.is_friend ?? false],
    blocked: ba?.is_blocked ?? false,
    states: requests.map((r) => r?.state ?? 0),
    counts: counts.map((c) => c?.friends ?? 0),
  }
}

describe.each(['memory', 'sqlite'] as const)('at the same time on two nodes over %s', (kind) => {
  const runs = kind === 'memory' ? 20 : 4
  it('two who ask each other become friends, and no request is left', async () => {
    for (let i = 0; i < runs; i++) {
      const [one, two] = await twoNodes(kind)
      await Promise.all([
        one.dispatch(as('ann'), 'friend.request', { user_id: 'bob' }),
        two.dispatch(as('bob'), 'friend.request', { user_id: 'ann' }),
      ])
      const { friends: both, counts, states } = await standing(one)
      expect([both, counts]).toEqual([
        [true, true],
        [1, 1],
      ])
      expect(states).not.toContain(requestState.pending)
    }
  })

  it('accept and withdraw end as friends or as strangers, and one of them is refused', async () => {
    for (let i = 0; i < runs; i++) {
      const [one, two] = await twoNodes(kind)
      await one.dispatch(as('ann'), 'friend.request', { user_id: 'bob' })
      const moves = [
        () => one.dispatch(as('bob'), 'friend.accept', { user_id: 'ann' }),
        () => two.dispatch(as('ann'), 'friend.withdraw', { user_id: 'bob' }),
      ]
      if (i % 2 === 1) moves.reverse()
      const results = await Promise.allSettled(moves.map((m) => m()))
      const lost = results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []))
      expect(lost).toMatchObject([{ kind: 'request_not_found' }])
      const { friends: both, counts, states } = await standing(one)
      const isFriends = states[0] === requestState.accepted
      expect([states[0], both, counts]).toEqual(
        isFriends
          ? [requestState.accepted, [true, true], [1, 1]]
          : [requestState.withdrawn, [false, false], [0, 0]],
      )
    }
  })

  it('block and request leave the request refused or rejected; block and accept no friends', async () => {
    for (let i = 0; i < runs; i++) {
      const [one, two] = await twoNodes(kind)
      await Promise.allSettled([
        two.dispatch(as('ann'), 'friend.request', { user_id: 'bob' }),
        one.dispatch(as('bob'), 'block.add', { user_id: 'ann' }),
      ])
      const first = await standing(one)
      expect(first.blocked).toBe(true)
      expect([0, requestState.rejected]).toContain(first.states[0])
      const [three, four] = await twoNodes(kind)
      await three.dispatch(as('ann'), 'friend.request', { user_id: 'bob' })
      await Promise.allSettled([
        three.dispatch(as('bob'), 'friend.accept', { user_id: 'ann' }),
        four.dispatch(as('bob'), 'block.add', { user_id: 'ann' }),
      ])
      const second = await standing(three)
      expect([second.blocked, second.friends, second.counts]).toEqual([true, [false, false], [0, 0]])
    }
  })
})
