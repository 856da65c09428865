import { expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { type ManualClock, manualClock } from '../../testing/clock.ts'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { type Device, device } from '../../testing/domain/device.ts'
import { createHub, type Hub } from '../../testing/domain/hub.ts'
import type { Entry, Store } from '../ports.ts'

interface Pair {
  readonly here: Chat
  readonly there: Chat
  readonly hub: Hub
  readonly clock: ManualClock
}

async function pair(): Promise<Pair> {
  const inner = await openStore('memory:')
  const store: Store = { ...inner, traits: { ...inner.traits, isShared: true } }
  const [hub, clock] = [createHub(), manualClock()]
  const here = await chatOf({ store, bus: hub.join(), clock })
  const there = await chatOf({ store, bus: hub.join(), clock })
  await settled()
  return { here, there, hub, clock }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve))
}

async function seqsHeard(who: Device): Promise<number[]> {
  await settled()
  const told = await who.heard()
  return told.filter((t) => t.name === 'message_received').map((t) => (t.data as Entry).seq)
}

it('a sign-in that was ended unheard loses its sockets with the first look that finds something missing', async () => {
  const { here, there, hub } = await pair()
  await here.join('bob')
  const phone = await device(there.core, 'bob', { platform_id: 2 })
  const computer = await device(here.core, 'bob', { platform_id: 5 })
  await settled()
  hub.lose(() => true)
  await here.core.dispatch(computer.caller, 'session.revoke_others', {})
  for (let i = 0; i < 2; i++) await there.core.cluster?.tick()
  await settled()
  expect(phone.closed()).toContain('revoked')
  expect(computer.closed()).toBe('')
})

it('who came in behind a message is not pushed it, however late its turn comes', async () => {
  const { here, there, hub, clock } = await pair()
  const group_id = await here.found('ann', { members: ['bob'] })
  await here.join('cid')
  const [bob, cid] = [await device(there.core, 'bob'), await device(there.core, 'cid')]
  await here.send('ann', { group_id }, 'the other node knows the group now')
  expect(await seqsHeard(bob)).toEqual([1])
  hub.lose(() => true)
  await here.send('ann', { group_id }, 'unheard there')
  await there.send('bob', { group_id }, 'waits there for the one before')
  await here.act('cid', 'group.join', { group_id })
  clock.advance(400)
  expect(await seqsHeard(bob)).toEqual([3])
  expect(await seqsHeard(cid)).toEqual([])
  hub.lose(() => false)
  for (let i = 0; i < 2; i++) await there.core.cluster?.tick()
  await there.send('bob', { group_id }, 'for all of them')
  expect(await seqsHeard(cid)).toEqual([4])
})
