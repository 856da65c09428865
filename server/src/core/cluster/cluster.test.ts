import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { manualClock } from '../../testing/clock.ts'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { type Device, device, type Told } from '../../testing/domain/device.ts'
import { createHub, type Hub, type HubBus } from '../../testing/domain/hub.ts'
import type { Entry, Store } from '../ports.ts'

/** Several nodes on one store, each with a chat of its own over it. */
interface Nodes {
  readonly hub: Hub
  readonly chats: readonly Chat[]
  readonly buses: readonly HubBus[]
  /** One second passes on every node. */
  second(): Promise<void>
}

async function nodes(count: number, options: Parameters<typeof chatOf>[0] = {}): Promise<Nodes> {
  const inner = await openStore('memory:')
  const store: Store = { ...inner, traits: { ...inner.traits, isShared: true } }
  const hub = createHub()
  const clock = manualClock()
  const chats: Chat[] = []
  const buses: HubBus[] = []
  for (let i = 0; i < count; i++) {
    const bus = hub.join()
    buses.push(bus)
    chats.push(await chatOf({ ...options, store, bus, clock }))
  }
  await settled()
  return {
    hub,
    chats,
    buses,
    second: async () => {
      clock.advance(1000)
      for (const [i, chat] of chats.entries()) if (buses[i]?.isUp) await chat.core.cluster?.tick()
      await settled()
    },
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve))
}

const at = <T>(list: readonly T[], i: number): T => {
  const found = list[i]
  if (found === undefined) throw new Error(`nothing at ${i}`)
  return found
}

async function heard(who: Device, name: string): Promise<Told[]> {
  await settled()
  return (await who.heard()).filter((t) => t.name === name)
}

const seqsOf = (told: readonly Told[]): number[] => told.map((t) => (t.data as Entry).seq)

describe('two nodes on one store', () => {
  it('push what is sent on one to the devices on the other, once and in order', async () => {
    const { chats } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    const bob = await device(there.core, 'bob')
    for (let i = 0; i < 5; i++) await here.send('ann', { recv_id: 'bob' }, `message ${i}`)
    expect(seqsOf(await heard(bob, 'message_received'))).toEqual([1, 2, 3, 4, 5])
  })

  it('let a member who joined on one hear the group on the other, and one who was kicked no more', async () => {
    const { chats } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    const group_id = await here.found('ann', { members: ['bob'] })
    await here.join('cid')
    const bob = await device(there.core, 'bob')
    const cid = await device(there.core, 'cid')
    await there.send('bob', { group_id }, 'before')
    expect(await heard(cid, 'message_received')).toEqual([])
    await here.act('cid', 'group.join', { group_id })
    await settled()
    await here.act('ann', 'group.kick', { group_id, user_ids: ['bob'] })
    await here.send('ann', { group_id }, 'after')
    expect(seqsOf(await heard(cid, 'message_received'))).toEqual([2])
    expect(seqsOf(await heard(bob, 'message_received'))).toEqual([1])
  })

  it('number a conversation that both write in without gap, and nobody is refused', async () => {
    const { chats } = await nodes(2)
    await at(chats, 0).join('ann', 'bob')
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        at(chats, i % 2).send(
          i % 2 ? 'bob' : 'ann',
          { recv_id: i % 2 ? 'ann' : 'bob' },
          {
            client_msg_id: `x${i}`,
            content: { text: `${i}` },
          },
        ),
      ),
    )
    const page = await at(chats, 0).act('ann', 'message.pull', { conversation_id: 'si_ann:bob', limit: 100 })
    expect(page.messages.map((m) => m.seq).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, i) => i + 1),
    )
  })

  it('answer from what the other has just written, also when no word of it arrives', async () => {
    const { chats, buses } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    await here.send('ann', { recv_id: 'bob' }, 'one')
    const before = await there.act('bob', 'conversation.all', { with_last_message: true })
    at(buses, 1).cut()
    await here.send('ann', { recv_id: 'bob' }, 'two')
    const after = await there.act('bob', 'conversation.all', { with_last_message: true })
    expect([before[0]?.max_seq, after[0]?.max_seq, after[0]?.unread_count]).toEqual([1, 2, 2])
  })

  it('tell the own other devices what was read, and the sender', async () => {
    const { chats } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    await here.send('ann', { recv_id: 'bob' }, 'hello')
    const ann = await device(there.core, 'ann')
    const tablet = await device(there.core, 'bob', { platform_id: 9 })
    await here.act('bob', 'conversation.mark_read', { conversation_id: 'si_ann:bob', read_seq: 1 })
    expect(await heard(ann, 'receipt')).toHaveLength(1)
    const [changed] = await heard(tablet, 'changed')
    expect(JSON.stringify(changed?.data)).toContain('"read_seq":1')
  })

  it('close the sockets of a sign-in that is ended on the other, with the reason', async () => {
    const { chats } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('bob')
    const phone = await device(there.core, 'bob', { platform_id: 2 })
    const computer = await device(here.core, 'bob', { platform_id: 5 })
    await here.core.dispatch(computer.caller, 'session.revoke_others', {})
    expect(await heard(phone, 'kicked')).toEqual([
      { name: 'kicked', data: { reason: 'revoked', platform_id: 2 } },
    ])
    expect(phone.closed()).toContain('revoked')
    expect(computer.closed()).toBe('')
  })

  it('let the newest sign-in of a platform win, wherever the older one is connected', async () => {
    const { chats } = await nodes(2)
    await at(chats, 0).join('bob')
    const old = await device(at(chats, 0).core, 'bob')
    const newest = await device(at(chats, 1).core, 'bob')
    await settled()
    expect([old.closed(), newest.closed()]).toEqual([expect.stringContaining('login'), ''])
  })

  it('count what somebody sends on either against one limit, after a second at the latest', async () => {
    const { chats, second } = await nodes(2, { limits: { sendsPerMinute: 20, failedLoginsPerMinute: 3 } })
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    for (let i = 0; i < 15; i++) await here.send('ann', { recv_id: 'bob' }, `${i}`)
    await second()
    for (let i = 0; i < 5; i++)
      await there.send('ann', { recv_id: 'bob' }, { client_msg_id: `there ${i}`, content: { text: `${i}` } })
    await expect(there.send('ann', { recv_id: 'bob' }, 'one too many')).rejects.toMatchObject({
      kind: 'too_many_requests',
    })
    await second()
    await expect(here.send('ann', { recv_id: 'bob' }, 'one too many')).rejects.toMatchObject({
      kind: 'too_many_requests',
    })
    const guess = (chat: Chat) =>
      chat.core.dispatch({ userId: '', sessionId: '', platformId: 0 }, 'auth.login', {
        user_id: 'bob',
        password: 'wrong guess',
      })
    for (const chat of [here, here, there]) {
      await expect(guess(chat)).rejects.toMatchObject({ kind: 'password_wrong' })
      await second()
    }
    await expect(guess(here)).rejects.toMatchObject({ kind: 'login_failed' })
  })

  it('keep a socket open whose token was renewed on the other', async () => {
    const { chats } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('bob')
    const bob = await device(there.core, 'bob')
    const before = bob.session.expiresAt
    here.core.clock.advance(60_000)
    const stranger = { userId: '', sessionId: '', platformId: 0 }
    await here.core.dispatch(stranger, 'auth.refresh', { refresh_token: bob.refreshToken })
    await settled()
    expect(bob.session.expiresAt).toBeGreaterThan(before)
  })
})

describe('presence over nodes', () => {
  it('tells watchers on every node once when the first device comes and when the last one goes', async () => {
    const { chats } = await nodes(3)
    const [a, b, c] = [at(chats, 0), at(chats, 1), at(chats, 2)]
    await a.join('ann', 'bob')
    const ann = await device(c.core, 'ann')
    await c.core.dispatch(ann.caller, 'presence.subscribe', { user_ids: ['bob'] })
    const phone = await device(a.core, 'bob', { platform_id: 2 })
    const computer = await device(b.core, 'bob', { platform_id: 5 })
    expect(await heard(ann, 'user_online')).toHaveLength(1)
    const [online] = await c.act('ann', 'presence.get', { user_ids: ['bob'] })
    expect(online?.detail_platform_status?.map((d) => d.platform_id).sort()).toEqual([2, 5])
    phone.leave()
    expect(await heard(ann, 'user_offline')).toEqual([])
    computer.leave()
    expect(await heard(ann, 'user_offline')).toHaveLength(1)
    const [offline] = await c.act('ann', 'presence.get', { user_ids: ['bob'] })
    expect(offline?.status).toBe(0)
  })

  it('is known to a node that starts later', async () => {
    const { chats, hub } = await nodes(1)
    await at(chats, 0).join('bob')
    await device(at(chats, 0).core, 'bob')
    const late = await chatOf({ store: at(chats, 0).core.store, bus: hub.join(), clock: manualClock() })
    await settled()
    expect(late.core.world.presence.isOnline('bob')).toBe(true)
  })

  it('is known to a node that hears others before it knows where the log stands', async () => {
    const { chats, hub } = await nodes(1)
    const first = at(chats, 0)
    await first.join('bob')
    const { store } = first.core
    const position = async (): Promise<number> => {
      await first.core.cluster?.tick()
      await device(first.core, 'bob')
      await settled()
      return store.position()
    }
    const late = await chatOf({ store: { ...store, position }, bus: hub.join(), clock: manualClock() })
    await settled()
    expect(late.core.world.presence.isOnline('bob')).toBe(true)
  })

  it('ends within the bound when a node falls silent, and comes back with it', async () => {
    const { chats, buses, second } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    await device(there.core, 'bob')
    await second()
    expect(here.core.world.presence.isOnline('bob')).toBe(true)
    at(buses, 1).cut()
    for (let i = 0; i < 7; i++) await second()
    expect(here.core.world.presence.isOnline('bob')).toBe(false)
    at(buses, 1).mend()
    await second()
    expect(here.core.world.presence.isOnline('bob')).toBe(true)
  })

  it('ends at once when a node says good-bye', async () => {
    const { chats } = await nodes(2)
    await at(chats, 0).join('bob')
    await device(at(chats, 1).core, 'bob')
    await settled()
    at(chats, 1).core.cluster?.leave()
    await settled()
    expect(at(chats, 0).core.world.presence.isOnline('bob')).toBe(false)
  })

  it('is not told to somebody who was blocked on the other node', async () => {
    const { chats } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    const ann = await device(there.core, 'ann')
    await there.core.dispatch(ann.caller, 'presence.subscribe', { user_ids: ['bob'] })
    await here.act('bob', 'privacy.update', { see_online: 2 })
    await settled()
    await device(here.core, 'bob')
    expect(await heard(ann, 'user_online')).toEqual([])
  })
})

describe('a bus that fails', () => {
  it('delays: batches that arrive mixed up are still pushed in the order of the log', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ node: fc.nat(2), burst: fc.integer({ min: 1, max: 4 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.infiniteStream(fc.nat(7)),
        async (bursts, picks) => {
          const { chats, hub } = await nodes(3)
          const group_id = await at(chats, 0).found('ann', { members: ['bob', 'cid'] })
          const listeners = await Promise.all(
            ['ann', 'bob', 'cid'].map((id, i) => device(at(chats, i).core, id)),
          )
          await settled()
          for (const listener of listeners) await listener.heard()
          hub.hold()
          let sent = 0
          for (const { node, burst } of bursts) {
            const who = ['ann', 'bob', 'cid'][node] ?? 'ann'
            await Promise.all(
              Array.from({ length: burst }, () => at(chats, node).send(who, { group_id }, `${++sent}`)),
            )
          }
          hub.release((queues) => (picks.next().value ?? 0) % queues)
          const all = Array.from({ length: sent }, (_, i) => i + 1)
          for (const listener of listeners) {
            const told = (await heard(listener, 'message_received')) as Told[]
            expect(seqsOf(told)).toEqual(all)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it('loses: devices are told to look for themselves, and hear again from then on', async () => {
    const { chats, hub, second } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    const bob = await device(there.core, 'bob')
    await heard(bob, 'message_received')
    hub.lose((text) => text.includes('"is":"message"'))
    await here.send('ann', { recv_id: 'bob' }, 'lost')
    await settled()
    hub.lose(() => false)
    await second()
    await second()
    const told = await bob.heard()
    expect(told.map((t) => t.name)).toContain('resync')
    expect(told.map((t) => t.name)).not.toContain('message_received')
    await here.send('ann', { recv_id: 'bob' }, 'heard')
    expect(seqsOf(await heard(bob, 'message_received'))).toEqual([2])
  })

  it('loses: a device that knows only named conversations is told those of its user', async () => {
    const { chats, hub, second } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob', 'cid')
    await here.send('cid', { recv_id: 'bob' }, 'known')
    const bob = await device(there.core, 'bob', {}, 'nexo')
    hub.lose((text) => text.includes('"is":"message"'))
    for (let i = 0; i < 2; i++) await here.send('ann', { recv_id: 'bob' }, 'lost')
    await settled()
    hub.lose(() => false)
    await second()
    await second()
    const told = await heard(bob, 'resync')
    expect(told.at(-1)?.data).toEqual({ conversations: { 'si_ann:bob': 2, 'si_bob:cid': 1 } })
  })

  it('is away: devices look once a second for what the others write', async () => {
    const { chats, buses, second } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    await here.join('ann', 'bob')
    const bob = await device(there.core, 'bob')
    for (const bus of buses) bus.cut()
    await second()
    await heard(bob, 'resync')
    await here.send('ann', { recv_id: 'bob' }, 'while it was away')
    await there.core.cluster?.tick()
    await there.core.cluster?.tick()
    expect(await heard(bob, 'resync')).toHaveLength(1)
    for (const bus of buses) bus.mend()
    await settled()
    await bob.heard()
    await here.send('ann', { recv_id: 'bob' }, 'back')
    expect(seqsOf(await heard(bob, 'message_received'))).toEqual([2])
  })

  it('loses the news of a new member: the group is heard all the same after a second look', async () => {
    const { chats, hub, second } = await nodes(2)
    const [here, there] = [at(chats, 0), at(chats, 1)]
    const group_id = await here.found('ann', { members: ['bob'] })
    await here.join('cid')
    await device(there.core, 'bob')
    const cid = await device(there.core, 'cid')
    await here.send('ann', { group_id }, 'the other node knows the group now')
    await settled()
    hub.lose((text) => text.includes('"from":'))
    await here.act('cid', 'group.join', { group_id })
    await settled()
    hub.lose(() => false)
    await second()
    await second()
    await here.send('ann', { group_id }, 'for the new one too')
    expect(seqsOf(await heard(cid, 'message_received'))).toEqual([2])
  })
})
