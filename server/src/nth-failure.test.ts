import { hash } from 'node:crypto'
import { ImError, type Input, type OperationName } from '@nexo-im/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyStore } from './core/messages/log-verification.ts'
import type { Entry, Store } from './core/ports.ts'
import { openStore } from './storage/open.ts'
import { type ManualClock, manualClock } from './testing/clock.ts'
import { type TestCore, testCore } from './testing/domain/core.ts'
import { device } from './testing/domain/device.ts'
import { createHub, type HubBus } from './testing/domain/hub.ts'
import { failing } from './testing/stores/failing.ts'

/** Two nodes on one store, of which whoever asks may spoil something. */
interface Stage {
  readonly cores: readonly [TestCore, TestCore]
  readonly store: Store
  readonly clock: ManualClock
}

const names = ['ann', 'bob', 'cid'] as const
const sha256 = (text: string): string => hash('sha256', text, 'base64url')
const everything = Number.MAX_SAFE_INTEGER
const hour = 3_600_000

async function open(
  inner: Store,
  store: Store,
  buses: readonly [HubBus, HubBus],
  clock = manualClock(),
  own = clock,
): Promise<Stage> {
  const shared: Store = { ...store, traits: { ...store.traits, isShared: true } }
  const cores = [
    await testCore({ store: shared, bus: buses[0], clock: own }),
    await testCore({ store: shared, bus: buses[1], clock }),
  ] as const
  for (const name of names) await cores[0].person(name)
  return { cores, store: inner, clock }
}

const callerOf = (name: string) => ({ userId: name, sessionId: `session of ${name}`, platformId: 5 })

/** Until it is done, or refused for a reason that lasts; what is wrong with how it failed goes to `strange`. */
async function insist<N extends OperationName>(
  core: TestCore,
  who: string,
  name: N,
  input: Input<N>,
  strange: string[],
): Promise<unknown> {
  let last: unknown
  for (let tries = 0; tries < 3; tries++) {
    try {
      return await core.dispatch(callerOf(who), name, input)
    } catch (error) {
      last = error
      if (!(error instanceof ImError)) strange.push(`${name}: ${String(error)}`)
    }
  }
  return last
}

/** A day of a small group on both nodes. Returns what was acked. */
async function play({ cores: [here, there] }: Stage, strange: string[]): Promise<Entry[]> {
  const acked: Entry[] = []
  const send = async (core: TestCore, who: string, id: string, input: object): Promise<void> => {
    const message = {
      client_msg_id: id,
      msg_type: 1,
      content: { text: id },
      ...input,
    } as Input<'message.send'>
    const entry = await insist(core, who, 'message.send', message, strange)
    if (entry instanceof Error) strange.push(`${id} is refused for good: ${entry.message}`)
    else acked.push(entry as Entry)
  }
  const group = (await insist(here, 'ann', 'group.create', { name: 'g', member_ids: ['bob'] }, strange)) as {
    id: string
  }
  const group_id = group.id
  const conversation_id = `sg_${group_id}`
  await send(here, 'ann', 'a1', { group_id })
  await send(there, 'bob', 'b1', { group_id })
  await insist(there, 'cid', 'group.join', { group_id }, strange)
  await Promise.all([
    send(here, 'ann', 'a2', { group_id }),
    send(there, 'cid', 'c1', { group_id }),
    send(there, 'bob', 'b2', { recv_id: 'ann' }),
  ])
  await insist(here, 'bob', 'conversation.mark_read', { conversation_id, read_seq: 2 }, strange)
  await insist(here, 'ann', 'message.edit', { conversation_id, seq: 1, content: { text: 'better' } }, strange)
  await insist(there, 'bob', 'message.recall', { conversation_id, seq: 2 }, strange)
  await insist(there, 'cid', 'message.pull', { conversation_id, limit: 50 }, strange)
  await insist(here, 'bob', 'conversation.all', { with_last_message: true }, strange)
  await insist(here, 'ann', 'group.kick', { group_id, user_ids: ['cid'] }, strange)
  await send(there, 'bob', 'b3', { group_id })
  return acked
}

/** What is wrong afterwards, on a node that knows nothing of what happened. */
async function wrongIn(store: Store, acked: readonly Entry[]): Promise<string[]> {
  const { faults } = await verifyStore(store, sha256, () => undefined)
  const wrong = faults.map((fault) => JSON.stringify(fault))
  const ids = await store.conversations({ limit: everything })
  const kept = (await Promise.all(ids.map((id) => store.read(id, 1, everything, everything)))).flat()
  const count = Map.groupBy(kept, ({ sender_id, client_msg_id }) => `${sender_id} ${client_msg_id}`)
  for (const [name, entries] of count) if (entries.length > 1) wrong.push(`${name} is stored twice`)
  for (const { conversation_id, seq, id, sender_id, client_msg_id } of acked) {
    const found = kept.find((entry) => entry.id === id)
    if (found?.seq !== seq || found.conversation_id !== conversation_id)
      wrong.push(`${sender_id} ${client_msg_id} was acked as ${conversation_id} ${seq} and is not there`)
  }
  return wrong
}

describe('when one call fails, whichever it is, nothing acked is lost or doubled', {
  timeout: 120_000,
}, () => {
  let unheard: string[] = []
  const hear = (reason: unknown): void =>
    void unheard.push(`unheard: ${String((reason as Error)?.stack ?? reason)}`)
  beforeEach(() => {
    unheard = []
    process.on('unhandledRejection', hear)
  })
  afterEach(() => void process.off('unhandledRejection', hear))

  /** Plays with something spoiled by `spoil`, and looks whether all is well. */
  async function outcome(stage: Stage): Promise<{ faults: string[]; acked: number }> {
    const strange: string[] = []
    const bob = await device(stage.cores[1], 'bob').catch(() => undefined)
    const acked = await play(stage, strange)
    for (let i = 0; i < 3; i++) {
      stage.clock.advance(1000)
      for (const { cluster } of stage.cores) await cluster?.tick()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const told = (await bob?.heard()) ?? []
    const last = acked.findLast(({ conversation_id }) => conversation_id.startsWith('sg_'))
    const isTold = told.some(({ name, data }) => name === 'resync' || (data as Entry).id === last?.id)
    if (bob && !isTold) strange.push('bob was neither told the last message nor to look')
    await new Promise((resolve) => setImmediate(resolve))
    return {
      faults: [...strange, ...unheard.splice(0), ...(await wrongIn(stage.store, acked))],
      acked: acked.length,
    }
  }

  it.each(['before', 'after'] as const)('of the store, %s it did anything', async (when) => {
    let hits = 0
    for (let n = 1; ; n++) {
      const inner = await openStore('memory:')
      const trap = failing(
        inner,
        () => new ImError('unavailable', { detail: 'this call was chosen to fail' }),
      )
      const hub = createHub()
      const stage = await open(inner, trap.store, [hub.join(), hub.join()])
      trap.fail(n, when)
      const { faults, acked } = await outcome(stage)
      expect(faults, `call ${n}, ${when}`).toEqual([])
      expect(acked).toBe(6)
      if (trap.calls < n) break
      hits = n
    }
    expect(hits).toBeGreaterThan(50)
  })

  it('of the bus, which then says nothing', async () => {
    let hits = 0
    for (let n = 1; ; n++) {
      const inner = await openStore('memory:')
      const hub = createHub()
      const stage = await open(inner, inner, [hub.join(), hub.join()])
      let said = 0
      hub.lose(() => ++said === n)
      const { faults } = await outcome(stage)
      expect(faults, `word ${n}`).toEqual([])
      if (said < n) break
      hits = n
    }
    expect(hits).toBeGreaterThan(10)
  })

  it('of the clock, which is an hour off from then on', async () => {
    let hits = 0
    for (let n = 1; ; n++) {
      const inner = await openStore('memory:')
      const hub = createHub()
      const clock = manualClock()
      let asked = 0
      let start = Number.POSITIVE_INFINITY
      const wrong: ManualClock = {
        ...clock,
        now: () => {
          asked += 1
          return clock.now() + (asked >= start + n ? (n % 2 === 0 ? hour / 2 : -hour) : 0)
        },
      }
      const stage = await open(inner, inner, [hub.join(), hub.join()], clock, wrong)
      start = asked
      const { faults } = await outcome(stage)
      expect(faults, `look ${n} at the clock`).toEqual([])
      if (asked - start < n) break
      hits = n
    }
    expect(hits).toBeGreaterThan(20)
  })
})
