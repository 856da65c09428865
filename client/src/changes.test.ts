import { type Change, ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from './api.ts'
import { createWorld, lines, text, type World } from './testing/world.ts'

const chat = 'si_ann:bob'
const toAnn = { recv_id: 'ann' }

const shown = (client: Client, seq: number) =>
  client.model.messages(chat).messages.find((message) => message.seq === seq)

/** Ann reads a chat in which bob has said three things. */
async function reading(options?: Parameters<World['goOnline']>[1]): Promise<World & { ann: Client }> {
  const world = createWorld()
  for (const words of ['one', 'two', 'three']) world.server.ledger.say('bob', toAnn, words)
  const ann = await world.goOnline('ann', options)
  await ann.open(chat)
  return { ...world, ann }
}

/** Tells ann's devices of changes, past the ledger. */
async function tell({ server, clock }: World, ...changes: Change[]): Promise<void> {
  for (const socket of server.sockets) server.tell(socket, 'changed', { changes })
  await clock.settle()
}

describe('a message that changes', () => {
  it('is replaced at its place: edited, reacted to, pinned', async () => {
    const world = await reading()
    const { server, clock, ann } = world
    const { ledger } = server
    const at = { conversation_id: chat, seq: 2 }
    ledger.perform('bob', 'message.edit', { ...at, content: { text: { text: 'two, rather' } } })
    ledger.perform('bob', 'message.react', { ...at, emoji: '👍' })
    ledger.perform('bob', 'message.pin', at)
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['1:one', '2:two, rather', '3:three'])
    expect(shown(ann, 2)).toMatchObject({ edits: 1, reactions: { '👍': 1 }, pinned: { by: 'bob' } })
    expect(shown(ann, 2)?.editedAt).toBeGreaterThan(0)
  })

  it('is empty when it was taken back, in the list of conversations too', async () => {
    const { server, clock, ann } = await reading()
    server.ledger.perform('bob', 'message.recall', { conversation_id: chat, seq: 3 })
    await clock.settle()
    const gone = { content: {}, gone: { cause: 'recalled', by: 'bob' } }
    expect(shown(ann, 3)).toMatchObject(gone)
    expect(ann.model.conversation(chat)?.lastMessage).toMatchObject({ seq: 3, ...gone })
  })

  it('keeps its later state when an earlier one comes after it', async () => {
    const world = await reading()
    const [message] = world.server.ledger.log(chat)
    if (message === undefined) throw new Error('nothing was said')
    const now = world.server.ledger.position
    const edited = (words: string) => ({ ...message, content: { text: { text: words } } })
    await tell(world, { position: now + 2, message: edited('second') })
    await tell(world, { position: now + 1, message: edited('first') })
    expect(shown(world.ann, 1)?.content.text?.text).toBe('second')
  })

  it('is not undone by an older page that was on its way', async () => {
    const world = createWorld()
    const { server, clock } = world
    for (let i = 0; i < 60; i++) server.ledger.say('bob', toAnn, `m${i}`)
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    server.ledger.told = (_, changes) => {
      for (const socket of server.sockets) server.tell(socket, 'changed', { changes: [...changes] })
    }
    server.after = ({ name }) => {
      // The page was read before the edit, and arrives after the news of it.
      const edit = { conversation_id: chat, seq: 5, content: { text: { text: 'edited' } } }
      if (name === 'message.pull') server.ledger.perform('bob', 'message.edit', edit)
      return undefined
    }
    await ann.loadOlder(chat)
    await clock.settle()
    expect(lines(ann, chat)[4]).toBe('5:edited')
  })
})

describe('messages deleted for oneself', () => {
  it('on another device stay in their place, empty, whatever happens to them later', async () => {
    const { server, clock, ann } = await reading()
    server.ledger.perform('ann', 'message.delete', { conversation_id: chat, seqs: [3] })
    await clock.settle()
    expect(shown(ann, 3)).toMatchObject({ hidden: true, content: {} })
    server.ledger.perform('bob', 'message.react', { conversation_id: chat, seq: 3, emoji: '👍' })
    await clock.settle()
    expect(shown(ann, 3)).toMatchObject({ hidden: true, content: {} })
    expect(shown(ann, 3)).not.toHaveProperty('reactions')
    expect(ann.model.conversation(chat)?.lastMessage).toMatchObject({ hidden: true, content: {} })
  })

  it('on this one are gone at once', async () => {
    const { ann } = await reading()
    await ann.remove(chat, [1, 2])
    expect([1, 2, 3].map((seq) => shown(ann, seq)?.hidden)).toEqual([true, true, undefined])
  })
})

describe('a conversation that changes', () => {
  it('takes over what was set on another device', async () => {
    const { server, clock, ann } = await reading()
    server.ledger.perform('ann', 'conversation.update', {
      conversation_id: chat,
      is_pinned: true,
      recv_msg_opt: 1,
      is_marked_unread: true,
    })
    server.ledger.perform('ann', 'conversation.draft', { conversation_id: chat, text: 'dear bob' })
    server.ledger.perform('bob', 'conversation.set_expiry', { conversation_id: chat, seconds: 60 })
    await clock.settle()
    expect(ann.model.conversation(chat)).toMatchObject({
      pinned: true,
      receiveOption: 1,
      markedUnread: true,
      draft: 'dear bob',
      expireAfter: 60,
    })
    await ann.markRead(chat)
    expect(ann.model.conversation(chat)?.markedUnread).toBe(false)
  })

  it('lets go of what lies before the point where its history was cleared', async () => {
    const { server, clock, ann } = await reading()
    server.ledger.perform('ann', 'conversation.clear', { conversation_id: chat })
    await clock.settle()
    expect(lines(ann, chat)).toEqual([])
    expect(ann.model.messages(chat).hasOlder).toBe(false)
    expect(ann.model.conversations()).toEqual([])
    expect(ann.model.conversation(chat)).toMatchObject({ hidden: true, unread: 0, minSeq: 4 })
    expect(ann.model.conversation(chat)).not.toHaveProperty('lastMessage')
    server.ledger.say('bob', toAnn, 'four')
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['4:four'])
    expect(ann.model.conversations()).toMatchObject([{ id: chat, unread: 1, hidden: false }])
  })

  it('is out of the list while hidden, and back with the next message, of which alone it tells', async () => {
    const { server, clock, goOnline } = createWorld()
    for (const words of ['one', 'two']) server.ledger.say('bob', toAnn, words)
    server.ledger.perform('ann', 'conversation.mark_read', { conversation_id: chat, read_seq: 2 })
    server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_hidden: true })
    const ann = await goOnline('ann')
    const told: number[] = []
    ann.on('message', ({ seq }) => told.push(seq))
    expect(ann.model.conversations()).toEqual([])
    server.ledger.say('bob', toAnn, 'three')
    await clock.settle()
    expect(ann.model.conversations()).toMatchObject([{ id: chat, unread: 1, maxSeq: 3 }])
    expect(told).toEqual([3])
  })

  it('shows its row when it is opened while hidden', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.say('bob', toAnn, 'one')
    server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_hidden: true })
    const ann = await goOnline('ann')
    await ann.open(chat)
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['1:one'])
    expect(ann.model.conversation(chat)).toMatchObject({ hidden: true, peerId: 'bob' })
  })
})

describe('mentions', () => {
  it('are counted until they are read', async () => {
    const { server, clock, ann } = await reading()
    server.ledger.say('bob', toAnn, 'you!', ['ann'])
    server.ledger.say('bob', toAnn, 'you two!', ['cem'])
    server.ledger.say('bob', toAnn, 'everybody!', ['*'])
    await clock.settle()
    expect(ann.model.conversation(chat)).toMatchObject({ mentions: 2, mentionSeq: 4 })
    await ann.markRead(chat, 5)
    expect(ann.model.conversation(chat)).toMatchObject({ mentions: 1, mentionSeq: 6 })
    await ann.markRead(chat)
    expect(ann.model.conversation(chat)).toMatchObject({ mentions: 0 })
    expect(ann.model.conversation(chat)).not.toHaveProperty('mentionSeq')
  })

  it('do not count once their message is gone', async () => {
    const { server, clock, ann } = await reading()
    server.ledger.say('bob', toAnn, 'you!', ['ann'])
    await clock.settle()
    server.ledger.perform('bob', 'message.recall', { conversation_id: chat, seq: 4 })
    await clock.settle()
    expect(ann.model.conversation(chat)).toMatchObject({ mentions: 0, unread: 4 })
  })

  it('travel with a message, through the outbox', async () => {
    const { server, ann } = await reading()
    const sent = await ann.send({ userId: 'bob' }, { ...text('you!'), mentions: ['bob'] }).acked
    expect(sent.mentions).toEqual(['bob'])
    expect(server.ledger.log(chat).at(-1)?.mentions).toEqual(['bob'])
  })
})

describe('how far the other side is', () => {
  const statuses = (ann: Client) => ann.model.messages(chat).messages.map((m) => m.status)

  it('shows in the own messages of a single chat, live', async () => {
    const { server, clock, ann } = await reading()
    for (const words of ['a', 'b', 'c']) await ann.send({ userId: 'bob' }, text(words)).acked
    await clock.settle()
    const others = ['sent', 'sent', 'sent']
    expect(statuses(ann)).toEqual([...others, 'sent', 'sent', 'sent'])
    const [socket] = server.sockets
    const receipt = { conversation_id: chat, user_id: 'bob' }
    if (socket) server.tell(socket, 'receipt', { ...receipt, read_seq: 4, delivered_seq: 5 })
    await clock.settle()
    expect(statuses(ann)).toEqual([...others, 'read', 'delivered', 'sent'])
    expect(ann.model.conversation(chat)?.lastMessage?.status).toBe('sent')
    if (socket) server.tell(socket, 'receipt', { ...receipt, read_seq: 6 })
    await clock.settle()
    expect(ann.model.conversation(chat)?.lastMessage?.status).toBe('read')
  })

  it('is caught up after a break, and known from the list', async () => {
    const { server, clock, goOnline, ann } = await reading()
    await ann.send({ userId: 'bob' }, text('a')).acked
    server.cut()
    server.ledger.perform('bob', 'message.ack', { conversation_id: chat, seq: 4 })
    await clock.advance(1000)
    expect(statuses(ann).at(-1)).toBe('delivered')
    server.ledger.perform('bob', 'conversation.mark_read', { conversation_id: chat, read_seq: 4 })
    const again = await goOnline('ann')
    await again.open(chat)
    expect(statuses(again).at(-1)).toBe('read')
  })
})

it('tells every change it takes in, live or caught up', async () => {
  const { server, clock, ann } = await reading()
  const told: string[] = []
  ann.on('change', (change) => told.push(...Object.keys(change).filter((key) => key !== 'position')))
  server.ledger.perform('ann', 'user.update', { nickname: 'Anna' })
  await clock.settle()
  expect(ann.model.user('ann')?.nickname).toBe('Anna')
  server.cut()
  server.ledger.perform('bob', 'message.pin', { conversation_id: chat, seq: 1 })
  await clock.advance(1000)
  expect(told).toEqual(['profile', 'conversation', 'profile', 'message', 'notice'])
})

it('shows the own edit from the answer, even if no change tells of it', async () => {
  const { server, ann } = await reading()
  await ann.send({ userId: 'bob' }, text('mine')).acked
  server.pushChanges = () => undefined
  const edited = await ann.edit(chat, 4, { text: { text: 'mine, edited' } })
  expect([edited.edits, shown(ann, 4)?.content.text?.text]).toEqual([1, 'mine, edited'])
})

it('rejects an action with what the server says about its refusal', async () => {
  const { server, ann } = await reading()
  const until = 1_700_000_999_000
  server.before = ({ name }) => {
    if (name === 'message.react') throw new ImError('muted', { until })
    if (name === 'message.pin') throw new ImError('too_many_requests', { retryAfter: 9 })
    return undefined
  }
  await expect(ann.react(chat, 1, '👍')).rejects.toMatchObject({ kind: 'muted', until })
  await expect(ann.pin(chat, 1)).rejects.toMatchObject({ kind: 'too_many_requests', retryAfter: 9 })
})
