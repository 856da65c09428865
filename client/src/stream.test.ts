import { ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { createWorld, lines, type World } from './testing/world.ts'

const chat = 'si_ann:bob'
const toAnn = { recv_id: 'ann' }

const asked = ({ server }: World) =>
  server.asked.filter((a) => a.name === 'sync.changes').map((a) => a.input['position'])

describe('the change stream', () => {
  it('takes its position before the list, and loads the list once', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    server.ledger.say('bob', toAnn, 'one')
    await goOnline('ann')
    const names = server.asked.map((a) => a.name)
    expect(names.indexOf('sync.changes')).toBeLessThan(names.indexOf('conversation.all'))
    for (let i = 0; i < 3; i++) {
      server.cut()
      await clock.advance(1000)
    }
    expect(server.count('conversation.all')).toBe(1)
    expect(asked(world)).toHaveLength(4)
  })

  it('goes on where it was, page by page', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    for (let i = 0; i < 30; i++) server.ledger.say('bob', toAnn, `m${i}`)
    const position = String(server.ledger.position)
    const ann = await goOnline('ann')
    await ann.open(chat)
    server.before = ({ name, input }) => {
      // Pages of seven.
      if (name === 'sync.changes') Object.assign(input, { limit: 7 })
      return undefined
    }
    server.cut()
    for (let seq = 1; seq <= 30; seq++)
      server.ledger.perform('bob', 'message.edit', {
        conversation_id: chat,
        seq,
        content: { text: { text: `e${seq}` } },
      })
    await clock.advance(1000)
    expect(lines(ann, chat)).toEqual(Array.from({ length: 30 }, (_, i) => `${i + 1}:e${i + 1}`))
    expect(asked(world)).toHaveLength(6)
    expect(asked(world)[1]).toBe(position)
  })

  it('goes on with the page that was lost with its link', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    server.ledger.say('bob', toAnn, 'one')
    const ann = await goOnline('ann')
    await ann.open(chat)
    server.cut()
    server.ledger.perform('bob', 'message.recall', { conversation_id: chat, seq: 1 })
    let losses = 1
    server.after = ({ name }) => {
      if (name !== 'sync.changes' || losses-- <= 0) return undefined
      server.cut()
      return 'swallow'
    }
    await clock.advance(5000)
    expect(ann.model.messages(chat).messages).toMatchObject([{ gone: { cause: 'recalled' } }])
  })

  it('does not trust a pushed position: what was lost before it is caught up all the same', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    for (const words of ['one', 'two']) server.ledger.say('bob', toAnn, words)
    const ann = await goOnline('ann')
    await ann.open(chat)
    const at = (seq: number) => ({ conversation_id: chat, seq, content: { text: { text: 'edited' } } })
    const push = server.pushChanges
    server.pushChanges = () => undefined
    server.ledger.perform('bob', 'message.edit', at(1))
    await clock.settle()
    server.pushChanges = push
    server.ledger.perform('bob', 'message.edit', at(2))
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['1:one', '2:edited'])
    server.cut()
    await clock.advance(1000)
    expect(lines(ann, chat)).toEqual(['1:edited', '2:edited'])
  })

  it('is asked when a resync frame says that pushes were left out', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    server.ledger.say('bob', toAnn, 'one')
    const ann = await goOnline('ann')
    await ann.open(chat)
    server.pushChanges = () => undefined
    server.ledger.perform('bob', 'message.recall', { conversation_id: chat, seq: 1 })
    const [socket] = server.sockets
    if (socket) server.tell(socket, 'resync', { conversations: {} })
    await clock.settle()
    expect(ann.model.messages(chat).messages).toMatchObject([{ gone: { cause: 'recalled' } }])
  })

  it('moves its position on after many pushes, so that catching up stays short', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    await goOnline('ann')
    for (let i = 0; i < 499; i++) server.ledger.say('bob', toAnn, `m${i}`)
    await clock.settle()
    expect(asked(world)).toEqual([undefined])
    const before = server.ledger.position
    server.ledger.say('bob', toAnn, 'one more')
    await clock.settle()
    expect(asked(world)).toHaveLength(2)
    server.cut()
    await clock.advance(1000)
    expect(Number(asked(world)[2])).toBeGreaterThan(before)
  })

  it('asks again for what could not be answered now', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    server.ledger.say('bob', toAnn, 'one')
    const ann = await goOnline('ann')
    server.cut()
    server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_pinned: true })
    let failures = 2
    server.before = ({ name }) => {
      if (name === 'sync.changes' && failures-- > 0) throw new ImError('internal')
      return undefined
    }
    await clock.advance(5000)
    expect(ann.model.conversation(chat)?.pinned).toBe(true)
  })
})

describe('a server that does not know the position', () => {
  it('is asked for everything again: list, open history, and what was looked at', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    server.ledger.say('bob', toAnn, 'one')
    server.ledger.say('cem', toAnn, 'hello')
    const ann = await goOnline('ann')
    await ann.open(chat)
    await ann.loadRelations()
    server.cut()
    const at = { conversation_id: chat, seq: 1 }
    server.ledger.perform('bob', 'message.edit', { ...at, content: { text: { text: 'edited' } } })
    server.ledger.perform('ann', 'block.add', { user_id: 'cem' })
    server.ledger.perform('ann', 'conversation.update', { conversation_id: 'si_ann:cem', is_hidden: true })
    server.before = ({ name, input }) => {
      if (name === 'sync.changes' && input['position'] !== undefined) {
        server.before = () => undefined
        throw new ImError('invalid_parameter')
      }
      return undefined
    }
    await clock.advance(5000)
    expect(server.count('conversation.all')).toBe(2)
    expect(lines(ann, chat)).toEqual(['1:edited'])
    expect(ann.model.conversations().map((c) => c.id)).toEqual([chat])
    expect(ann.model.relations()?.get('cem')).toMatchObject({ is_blocked: true })
  })

  it('may count from a lower number: its changes are taken all the same', async () => {
    const world = createWorld()
    const { server, clock, goOnline } = world
    server.ledger.say('bob', toAnn, 'one')
    const ann = await goOnline('ann')
    server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_pinned: true })
    await clock.settle()
    server.ledger.position = 1_600_000_000_000
    server.cut()
    await clock.advance(5000)
    server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_pinned: false })
    await clock.settle()
    expect(ann.model.conversation(chat)?.pinned).toBe(false)
  })
})

it('takes in what changed between reading over HTTP and being online', async () => {
  const { server, clock, signIn } = createWorld()
  for (const words of ['one', 'two']) server.ledger.say('bob', toAnn, words)
  const ann = await signIn('ann')
  await ann.open(chat)
  server.ledger.perform('bob', 'message.recall', { conversation_id: chat, seq: 1 })
  await ann.connect()
  await clock.settle()
  expect(ann.model.messages(chat).messages).toMatchObject([{ gone: { cause: 'recalled' } }, { seq: 2 }])
})

it('keeps a change that overtakes the first list', async () => {
  const { server, clock, signIn } = createWorld()
  server.ledger.say('bob', toAnn, 'one')
  server.ledger.told = (_, changes) => {
    for (const socket of server.sockets) server.tell(socket, 'changed', { changes: [...changes] })
  }
  server.after = ({ name }) => {
    // The list was read before, and arrives after the news.
    if (name === 'conversation.all')
      server.ledger.perform('ann', 'conversation.update', { conversation_id: chat, is_pinned: true })
    return undefined
  }
  const ann = await signIn('ann')
  await ann.connect()
  await clock.settle()
  expect(ann.model.conversation(chat)?.pinned).toBe(true)
})
