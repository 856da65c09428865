import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { ImError, type OperationName } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { manualClock } from '../../testing/clock.ts'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import type { Store } from '../ports.ts'
import type { Caller } from '../world.ts'

/**
 * M-56: whatever several people do to one group at once, it has one owner, its size is the number of its members, and a
 * window is open exactly for those who are in. Operations of a round are fired together and not awaited one by one; on
 * two nodes no turns keep them apart, so the conditions of the commits alone must hold.
 */
const people = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']
const deeds = [
  'transfer',
  'transfer',
  'promote',
  'demote',
  'quit',
  'kick',
  'join',
  'invite',
  'mute',
  'apply',
  'accept',
  'dissolve',
  'delete',
] as const
type Deed = (typeof deeds)[number]
const person = fc.nat(people.length - 1)
const step = fc.record({
  // Undefined is whoever is the owner: most of what matters is theirs to do.
  who: fc.option(person, { nil: undefined, freq: 1 }),
  whom: fc.option(person, { nil: undefined, freq: 4 }),
  // Endings are rare, so that groups live long enough for the rest.
  deed: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...deeds.slice(0, -2)) },
    { weight: 1, arbitrary: fc.constantFrom(...deeds.slice(-2)) },
  ),
  node: fc.nat(1),
})
const rounds = fc.array(fc.array(step, { minLength: 2, maxLength: 8 }), { minLength: 2, maxLength: 6 })

const operations: Record<Exclude<Deed, 'delete'>, [OperationName, (whom: string) => object]> = {
  transfer: ['group.transfer', (user_id) => ({ user_id })],
  promote: ['group.set_role', (user_id) => ({ user_id, role_level: 2 })],
  demote: ['group.set_role', (user_id) => ({ user_id, role_level: 1 })],
  quit: ['group.quit', () => ({})],
  kick: ['group.kick', (user_id) => ({ user_ids: [user_id] })],
  join: ['group.join', () => ({})],
  invite: ['group.invite', (user_id) => ({ user_ids: [user_id] })],
  mute: ['group.mute', (user_id) => ({ user_id, seconds: 5 })],
  apply: ['group.apply', () => ({})],
  accept: ['group.accept', (user_id) => ({ user_id })],
  dissolve: ['group.dissolve', () => ({})],
}

const operator: Caller = { userId: '', sessionId: '', platformId: 0, isOperator: true }
const folder = mkdtempSync(join(tmpdir(), 'nexo-owners-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  ['memory:', 1],
  ['memory:', 2],
  [`sqlite:${join(folder, 'one.db')}`, 1],
  [`sqlite:${join(folder, 'two.db')}`, 2],
])('a group in %s under %i nodes', (url, nodeCount) => {
  const nodes: TestCore[] = []
  let store: Store
  let run = 0
  beforeAll(async () => {
    store = await openStore(url)
    const clock = manualClock()
    for (let i = 0; i < nodeCount; i++) nodes.push(await testCore({ store, clock }))
  })
  afterAll(() => store.close())

  test.prop([rounds, fc.nat(1)], { numRuns: 60 })('has one owner at any time', async (plan, joinMode) => {
    run += 1
    const [first] = nodes as [TestCore]
    const callers = await Promise.all(people.map((p) => first.person(`${p} of run ${run}`)))
    const [founder, ...others] = callers as [Caller, ...Caller[]]
    const { id: group_id } = await first.dispatch(founder, 'group.create', {
      name: 'P',
      join_mode: joinMode,
      member_ids: others.slice(0, 3).map((c) => c.userId),
    })
    for (const round of plan) {
      const owner = await ownerAmong(store, group_id, callers)
      await Promise.all(
        round.map(async ({ who, whom, deed, node }) => {
          const core = nodes[node % nodeCount] as TestCore
          const caller = who === undefined ? owner : (callers[who] as Caller)
          const target = whom === undefined ? owner : (callers[whom] as Caller)
          try {
            if (deed === 'delete')
              await core.dispatch(operator, 'operator.delete_user', { user_id: target.userId })
            else {
              const [name, input] = operations[deed]
              await core.dispatch(caller, name, { group_id, ...input(target.userId) })
            }
          } catch (error) {
            if (!(error instanceof ImError) || error.kind === 'internal') throw error
          }
        }),
      )
      await judge(store, group_id)
    }
  })
})

async function ownerAmong(store: Store, groupId: string, callers: readonly Caller[]): Promise<Caller> {
  const [row] = await store.list('member', 'by_rank', [groupId, 1], { limit: 1 })
  return callers.find((c) => c.userId === row?.user_id) as Caller
}

async function judge(store: Store, groupId: string): Promise<void> {
  const [actives, [size], views] = await Promise.all([
    store.list('member', 'by_rank', [groupId, 1]),
    store.get('group_size', [[groupId]]),
    store.list('view', 'by_conversation', [`sg_${groupId}`]),
  ])
  expect(actives.filter((m) => m.role_level === 3)).toHaveLength(1)
  for (const member of actives) expect(member.rank).toBe(3 - member.role_level)
  expect(size?.members).toBe(actives.length)
  const open = views.filter((v) => v.max_seq === null).map((v) => v.user_id)
  expect(open.toSorted()).toEqual(actives.map((m) => m.user_id).toSorted())
  const waiting = await store.list('application', 'by_state', [groupId, 1])
  const inside = new Set(actives.map((m) => m.user_id))
  expect(waiting.filter((a) => inside.has(a.user_id))).toEqual([])
}
