import type { AnswerFrame, EventData } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { type Person, type Socket, signIn, signUp } from '../../testing/wire.ts'

/** Pushes of acks, typing and changed messages, as devices see them. */
let server: Harness
let ann: Person
let bob: Person
let eve: Person
const delivered: EventData<'message_delivered'>[] = []
beforeAll(async () => {
  server = await startHarness()
  ann = await signUp(server.url, 'ann')
  bob = await signUp(server.url, 'bob')
  eve = await signUp(server.url, 'eve')
  server.service.registerEventHandler('message_delivered', (event) => void delivered.push(event))
})
afterAll(() => server.stop())

const frames = { changed: 2010, receipt: 2011, typing: 2012 }
const told = (socket: Socket, frame: number): unknown[] =>
  socket.seen.filter((f: AnswerFrame) => f.id === frame).map((f) => f.data)
const ack = (who: Person, conversation_id: string, seq: number) =>
  who.post('/msg/ack', { conversation_id, seq })
/** What everybody was owed before it has arrived: pushes of one socket keep their order. */
async function settled(socket: Socket, from: Person, to: { recv_id?: string; group_id?: string }) {
  const { data } = await from.send(to, 'the end')
  const { server_msg_id } = data as { server_msg_id: number }
  await expect.poll(() => JSON.stringify(told(socket, 2001))).toContain(String(server_msg_id))
}

describe('a delivery ack', () => {
  it('is told to the sender and to handlers once, with the device, and never goes back', async () => {
    for (let i = 0; i < 3; i++) await ann.send({ recv_id: 'bob' }, `m${i}`)
    const socket = await ann.socket()
    const chat = 'si_ann:bob'
    const answers = await Promise.all([ack(bob, chat, 2), ack(bob, chat, 2), ack(bob, chat, 2)])
    answers.push(await ack(bob, chat, 1), await ack(bob, chat, 999))
    expect(answers.map((a) => a.code)).toEqual([0, 0, 0, 0, 0])
    await expect
      .poll(() => told(socket, frames.receipt))
      .toEqual([
        { conversation_id: chat, user_id: 'bob', delivered_seq: 2 },
        { conversation_id: chat, user_id: 'bob', delivered_seq: 3 },
      ])
    expect(delivered.map((d) => [d.user_id, d.seq, d.platform_id])).toEqual([
      ['bob', 2, 5],
      ['bob', 3, 5],
    ])
    expect(delivered[0]?.session_id).toMatch(/^[0-9a-f-]{36}$/)
    const info = await ann.get<{ peer_delivered_seq: number }>(`/conversation/info?conversation_id=${chat}`)
    expect(info.data.peer_delivered_seq).toBe(3)
    await socket.close()
  })

  it('is found by a sender who was away', async () => {
    const { data } = await ann.get<{ position: string }>('/sync/changes')
    await ann.send({ recv_id: 'bob' }, 'later')
    await ack(bob, 'si_ann:bob', 4)
    const later = await ann.get<{ changes: { conversation?: object }[] }>(
      `/sync/changes?position=${data.position}`,
    )
    expect(later.data.changes).toMatchObject([{ conversation: { peer_delivered_seq: 4 } }])
  })

  it('in a group is told to handlers and to nobody else', async () => {
    const { data } = await ann.post<{ id: string }>('/group/create', { name: 'G', member_ids: ['bob'] })
    await ann.send({ group_id: data.id }, 'one')
    const socket = await ann.socket()
    delivered.length = 0
    await ack(bob, `sg_${data.id}`, 1)
    await settled(socket, bob, { group_id: data.id })
    expect(told(socket, frames.receipt)).toEqual([])
    expect(delivered).toMatchObject([{ conversation_id: `sg_${data.id}`, user_id: 'bob', seq: 1 }])
    await socket.close()
  })

  it('of a conversation one is not in is refused', async () => {
    expect(await ack(eve, 'si_ann:bob', 1)).toMatchObject({ status: 403, code: 1007 })
  })
})

describe('typing', () => {
  const type = (who: Person, conversation_id: string, typing = true) =>
    who.post('/msg/typing', { conversation_id, typing })

  it('is told to the others who are there, and kept nowhere', async () => {
    const { data } = await ann.get<{ position: string }>('/sync/changes')
    const sockets = [await bob.socket(), await ann.socket(), await eve.socket()]
    await type(ann, 'si_ann:bob')
    await type(ann, 'si_ann:bob', false)
    await expect
      .poll(() => told(sockets[0] as Socket, frames.typing))
      .toEqual([
        { conversation_id: 'si_ann:bob', user_id: 'ann', typing: true },
        { conversation_id: 'si_ann:bob', user_id: 'ann', typing: false },
      ])
    for (const socket of sockets.slice(1)) expect(told(socket, frames.typing)).toEqual([])
    const later = await bob.get<{ changes: object[] }>(`/sync/changes?position=${data.position}`)
    expect(later.data.changes).toEqual([])
    await Promise.all(sockets.map((s) => s.close()))
  })

  it('in a group names it, and leaves out who takes no pushes of it', async () => {
    const { data } = await ann.post<{ id: string }>('/group/create', {
      name: 'G',
      member_ids: ['bob', 'eve'],
    })
    const conversation_id = `sg_${data.id}`
    await eve.put(`/conversation/update?conversation_id=${conversation_id}`, { recv_msg_opt: 2 })
    const [hears, deaf] = [await bob.socket(), await eve.socket()]
    await type(ann, conversation_id)
    await expect
      .poll(() => told(hears, frames.typing))
      .toEqual([{ conversation_id, user_id: 'ann', typing: true, group_id: data.id }])
    await settled(deaf, ann, { recv_id: 'eve' })
    expect(told(deaf, frames.typing)).toEqual([])
    await Promise.all([hears.close(), deaf.close()])
  })

  it('stops with a block, also for whoever typed just before', async () => {
    expect((await type(eve, 'si_bob:eve')).code).toBe(0)
    await bob.post('/block/add', { user_id: 'eve' })
    expect(await type(eve, 'si_bob:eve')).toMatchObject({ code: 1004, data: { error: 'blocked' } })
    await bob.post('/block/remove', { user_id: 'eve' })
    expect((await type(eve, 'si_bob:eve')).code).toBe(0)
  })
})

describe('a message that changes', () => {
  interface Told {
    readonly changes: readonly { readonly position: number; readonly message?: { readonly seq: number } }[]
  }
  const changesIn = (socket: Socket) => (told(socket, frames.changed) as Told[]).flatMap((t) => t.changes)

  it('is told to whoever may see it, and a device that was away finds the very same', async () => {
    const dan = await signUp(server.url, 'dan')
    const { data } = await ann.post<{ id: string }>('/group/create', { name: 'G', member_ids: ['bob'] })
    const message = { conversation_id: `sg_${data.id}`, seq: 1 }
    await ann.send({ group_id: data.id }, 'one')
    await dan.post('/group/join', { group_id: data.id })
    const away = await bob.get<{ position: string }>('/sync/changes')
    const [old, late] = [await bob.socket(), await dan.socket()]
    await ann.post('/msg/edit', { ...message, content: { text: 'two' } })
    await bob.post('/msg/react', { ...message, emoji: '👍' })
    await ann.post('/msg/pin', message)
    await expect.poll(() => changesIn(old).filter((c) => c.message).length).toBe(3)
    await settled(late, ann, { recv_id: 'dan' })
    expect(changesIn(late).filter((c) => c.message)).toEqual([])
    const last = changesIn(old).findLast((c) => c.message)
    expect(last?.message).toMatchObject({
      seq: 1,
      content: { text: { text: 'two' } },
      edits: 1,
      reactions: { '👍': 1 },
      pinned: { by: 'ann' },
    })
    const device = await (await signIn(server.url, 'bob', 2)).socket()
    const { data: caught } = await device.ask(1160, { position: away.data.position })
    expect((caught as Told).changes.filter((c) => c.message)).toEqual([last])
    await Promise.all([old.close(), late.close(), device.close()])
  })

  it('deleted for oneself goes from the own other devices only', async () => {
    const { data } = await ann.send({ recv_id: 'eve' }, 'x')
    const { seq } = data as { seq: number }
    const phone = await (await signIn(server.url, 'eve', 2)).socket()
    const other = await ann.socket()
    await eve.post('/msg/delete', { conversation_id: 'si_ann:eve', seqs: [seq] })
    await expect
      .poll(() => changesIn(phone))
      .toMatchObject([{ hidden: { conversation_id: 'si_ann:eve', seqs: [seq] } }])
    await settled(other, eve, { recv_id: 'ann' })
    expect(changesIn(other)).toEqual([])
    await Promise.all([phone.close(), other.close()])
  })
})
