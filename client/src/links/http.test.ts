import { describe, expect, it } from 'vitest'
import type { Client } from '../api.ts'
import { createWorld, lines, text, type World } from '../testing/world.ts'
import { httpLink } from './http.ts'

const chat = 'si_ann:bob'

/** Online where no WebSocket gets through. */
async function overHttp(world: World, options: Parameters<typeof httpLink>[0] = {}): Promise<Client> {
  world.server.blocksSockets = true
  return world.goOnline('ann', { links: [world.server.door, httpLink(options)] })
}

describe('a link over HTTP', () => {
  it('serves where a WebSocket cannot be opened', async () => {
    const world = createWorld()
    const ann = await overHttp(world)
    expect(ann.status().state).toBe('online')
    expect(world.server.asked.every((a) => a.via === 'http')).toBe(true)
  })

  it('sends, and shows one message', async () => {
    const world = createWorld()
    const ann = await overHttp(world)
    await ann.open(chat)
    expect(await ann.send({ userId: 'bob' }, text('hi')).acked).toMatchObject({ seq: 1, status: 'sent' })
    await world.clock.advance(10_000)
    expect(lines(ann, chat)).toEqual(['1:hi'])
  })

  it('finds what others send by looking, in order and once', async () => {
    const world = createWorld()
    world.server.ledger.say('bob', { recv_id: 'ann' }, 'old')
    const ann = await overHttp(world)
    const told: string[] = []
    ann.on('message', ({ seq }) => told.push(String(seq)))
    await ann.open(chat)
    for (let i = 0; i < 150; i++) world.server.ledger.say('bob', { recv_id: 'ann' }, `m${i}`)
    world.server.ledger.say('cem', { recv_id: 'ann' }, 'me too')
    await world.clock.advance(3000)
    await world.clock.settle()
    expect(lines(ann, chat)).toHaveLength(151)
    expect(lines(ann, chat).at(-1)).toBe('151:m149')
    expect(ann.model.totalUnread()).toBe(152)
    await world.clock.advance(30_000)
    expect(told).toHaveLength(151)
  })

  it('tells what was read and set on other devices', async () => {
    const world = createWorld()
    world.server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    const ann = await overHttp(world)
    world.server.ledger.perform('ann', 'conversation.mark_read', { conversation_id: chat, read_seq: 1 })
    world.server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_pinned: true })
    await world.clock.advance(3000)
    await world.clock.settle()
    expect(ann.model.conversation(chat)).toMatchObject({ unread: 0, readSeq: 1, pinned: true })
  })

  it('tells of edits, own deletions and system messages, after the messages they follow', async () => {
    const world = createWorld()
    const { ledger } = world.server
    ledger.say('bob', { recv_id: 'ann' }, 'one')
    const ann = await overHttp(world)
    await ann.open(chat)
    ledger.say('bob', { recv_id: 'ann' }, 'two')
    const edit = { conversation_id: chat, seq: 1, content: { text: { text: 'edited' } } }
    ledger.perform('bob', 'message.edit', edit)
    ledger.perform('ann', 'message.delete', { conversation_id: chat, seqs: [2] })
    ledger.perform('bob', 'message.pin', { conversation_id: chat, seq: 1 })
    await world.clock.advance(3000)
    await world.clock.settle()
    expect(ann.model.messages(chat)).toMatchObject({
      messages: [
        { seq: 1, content: { text: { text: 'edited' } }, pinned: { by: 'bob' } },
        { seq: 2, content: {}, hidden: true },
      ],
      notices: [{ kind: 'message_pinned', at_seq: 2 }],
    })
  })

  it('tells who comes and goes', async () => {
    const world = createWorld()
    world.server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    const ann = await overHttp(world)
    expect(ann.model.presence('bob')).toMatchObject({ status: 0 })
    world.server.ledger.online.add('bob')
    await world.clock.advance(3000)
    expect(ann.model.presence('bob')).toMatchObject({ status: 1 })
    world.server.ledger.online.delete('bob')
    await world.clock.advance(3000)
    expect(ann.model.presence('bob')).toMatchObject({ status: 0 })
  })

  it('answers operations that have no route', async () => {
    const world = createWorld()
    for (const words of ['a', 'b', 'c']) world.server.ledger.say('bob', { recv_id: 'ann' }, words)
    const ann = await overHttp(world)
    const seqs = await ann.call('message.newest_seqs', { conversation_ids: [chat, 'si_bob:cem'] })
    expect(seqs).toEqual({ seqs: { [chat]: 3, 'si_bob:cem': 0 } })
    const listed = await ann.call('message.pull_list', { conversation_id: chat, seq_list: [3, 1] })
    expect([listed.messages.map((m) => m.seq), listed.max_seq]).toEqual([[1, 3], 3])
    const all = await ann.call('message.pull_list', { conversation_id: chat })
    expect(all.messages).toHaveLength(3)
  })

  it('answers a refusal as a socket would, and goes on', async () => {
    const world = createWorld()
    const ann = await overHttp(world)
    await expect(ann.send({ userId: 'nobody' }, text('hi')).acked).rejects.toMatchObject({
      kind: 'user_not_found',
    })
    expect(ann.status().state).toBe('online')
  })

  it('closes when the server cannot be reached, and loses nothing', async () => {
    const world = createWorld()
    const ann = await overHttp(world)
    world.server.reachable = false
    const { acked } = ann.send({ userId: 'bob' }, text('hi'))
    await world.clock.advance(100)
    expect(ann.status().state).toBe('waiting')
    world.server.reachable = true
    await world.clock.advance(5000)
    expect(await acked).toMatchObject({ seq: 1 })
  })

  it('ends when the session does', async () => {
    const world = createWorld()
    const ann = await overHttp(world)
    world.server.dead.add('t-ann')
    await world.clock.advance(3000)
    expect(ann.status()).toMatchObject({ state: 'ended', reason: 'unauthorized' })
  })

  it('gives way after a while, so that a socket is tried again', async () => {
    const world = createWorld()
    const ann = await overHttp(world, { lifeMs: 60_000 })
    world.server.blocksSockets = false
    await world.clock.advance(59_000)
    expect(world.server.sockets).toHaveLength(0)
    await world.clock.advance(2000)
    expect(world.server.sockets).toHaveLength(1)
    expect(ann.status().state).toBe('online')
  })

  it('leaves no timer behind', async () => {
    const world = createWorld()
    const ann = await overHttp(world)
    await ann.disconnect()
    await world.clock.settle()
    expect(world.clock.waiting()).toEqual([])
  })
})
