import { ImError, type Message } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from './api.ts'
import { createWorld, lines, type World } from './testing/world.ts'

const chat = 'si_ann:bob'
const toAnn = { recv_id: 'ann' }

function say({ server }: World, count: number): Message[] {
  const from = server.ledger.log(chat).length
  return Array.from({ length: count }, (_, i) => server.ledger.say('bob', toAnn, `m${from + i + 1}`))
}

const expected = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i}:m${from + i}`)

function heard(client: Client): number[] {
  const seqs: number[] = []
  client.on('message', (message) => seqs.push(message.seq))
  return seqs
}

/** Keeps pushes back; the test hands them over. */
function held(world: World): Message[] {
  const kept: Message[] = []
  world.server.push = (message) => kept.push(message)
  return kept
}

async function handOver({ server, clock }: World, kept: readonly Message[], index: number): Promise<void> {
  await clock.settle()
  const [socket] = server.sockets
  const message = kept[index]
  if (socket && message) server.deliver(message, socket)
  await clock.settle()
}

describe('live messages', () => {
  it('applies pushes in order and tells each once', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const seqs = heard(ann)
    say(world, 3)
    await world.clock.settle()
    expect(lines(ann, chat)).toEqual(expected(1, 3))
    expect(seqs).toEqual([1, 2, 3])
    expect(world.server.count('message.pull')).toBe(0)
  })

  it('pulls a gap before it shows anything later', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const kept = held(world)
    say(world, 3)
    const shown: string[][] = []
    ann.model.subscribe(() => shown.push(lines(ann, chat)))
    await handOver(world, kept, 2)
    expect(lines(ann, chat)).toEqual(expected(1, 3))
    for (const state of shown) expect(state).toEqual(expected(1, state.length))
    const pulls = world.server.asked.filter((a) => a.name === 'message.pull')
    expect(pulls).toMatchObject([{ input: { begin_seq: 1, end_seq: 3 } }])
  })

  it('drops what it has already', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const seqs = heard(ann)
    const sent = say(world, 2)
    await handOver(world, sent, 0)
    await handOver(world, sent, 1)
    expect(lines(ann, chat)).toEqual(expected(1, 2))
    expect(seqs).toEqual([1, 2])
  })

  it('pulls what a resync frame names', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const seqs = heard(ann)
    held(world)
    say(world, 120)
    const [socket] = world.server.sockets
    if (socket) world.server.tell(socket, 'resync', { conversations: { [chat]: 120 } })
    await world.clock.settle()
    expect(lines(ann, chat)).toEqual(expected(1, 120))
    expect(seqs).toHaveLength(120)
    expect(world.server.count('message.pull')).toBe(2)
  })

  it('tries a failed pull again, and until then shows nothing beyond the gap', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const kept = held(world)
    say(world, 2)
    let failures = 2
    world.server.before = ({ name }) => {
      if (name === 'message.pull' && failures-- > 0) throw new ImError('pull_failed')
      return undefined
    }
    await handOver(world, kept, 1)
    expect(lines(ann, chat)).toEqual([])
    await world.clock.advance(5000)
    expect(lines(ann, chat)).toEqual(expected(1, 2))
  })

  it('shows an own acknowledged message as on its way until the messages before it are there', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    held(world)
    say(world, 1)
    world.server.before = ({ name }) => (name === 'message.pull' ? 'swallow' : undefined)
    const { acked } = ann.send({ userId: 'bob' }, { type: 1, content: { text: { text: 'mine' } } })
    expect((await acked).seq).toBe(2)
    await world.clock.settle()
    expect(lines(ann, chat)).toEqual(['sending:mine'])
    world.server.before = () => undefined
    await world.clock.advance(35_000)
    expect(lines(ann, chat)).toEqual(['1:m1', '2:mine'])
  })

  it('goes on showing it when its push comes instead of the answer', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const kept = held(world)
    say(world, 1)
    world.server.before = ({ name }) => (name === 'message.pull' ? 'swallow' : undefined)
    world.server.after = ({ name }) => (name === 'message.send' ? 'swallow' : undefined)
    const { acked } = ann.send({ userId: 'bob' }, { type: 1, content: { text: { text: 'mine' } } })
    await world.clock.settle()
    await handOver(world, kept, 1)
    expect(await acked).toMatchObject({ seq: 2 })
    expect(lines(ann, chat)).toEqual(['sending:mine'])
  })

  it('lets the stored message take the place of what was known from the answer', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    world.server.push = (message, socket) => {
      const content = {
        quote: { seq: 1, text: 'so', snapshot: { sender_id: 'bob', msg_type: 1, preview: 'm1' } },
      }
      world.server.deliver({ ...message, content }, socket)
    }
    await ann.send({ userId: 'bob' }, { type: 8, content: { quote: { seq: 1, text: 'so' } } }).acked
    await world.clock.settle()
    expect(ann.model.messages(chat).messages).toMatchObject([
      { seq: 1, content: { quote: { snapshot: { preview: 'm1' } } } },
    ])
  })

  it('shows a conversation that is new to the user', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    const seqs = heard(ann)
    say(world, 1)
    await world.clock.settle()
    expect(ann.model.conversations()).toMatchObject([{ id: chat, title: 'bob' }])
    await world.clock.settle()
    expect(ann.model.conversations()).toMatchObject([{ id: chat, title: 'BOB', unread: 1, peerId: 'bob' }])
    expect(seqs).toEqual([1])
  })

  it('shows a joiner what the view allows, though it begins above 1', async () => {
    const world = createWorld()
    const { ledger } = world.server
    ledger.addGroup('g1', ['bob'])
    for (let i = 1; i <= 5; i++) ledger.say('bob', { group_id: 'g1' }, `m${i}`)
    const ann = await world.goOnline('ann')
    world.server.pushChanges = () => undefined
    ledger.join('g1', 'ann')
    ledger.say('bob', { group_id: 'g1' }, 'm6')
    await world.clock.settle()
    await ann.open('sg_g1')
    expect(lines(ann, 'sg_g1')).toEqual(['6:m6'])
    expect(ann.model.messages('sg_g1')).toMatchObject({ hasOlder: false, loading: false })
    expect(ann.model.conversation('sg_g1')?.title).toBe('g1')
    await world.clock.settle()
    expect(ann.model.conversation('sg_g1')).toMatchObject({ unread: 1, maxSeq: 6, title: 'Group g1' })
  })
})

describe('after a break', () => {
  it('fetches what was missed in an opened conversation', async () => {
    const world = createWorld()
    say(world, 3)
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    const seqs = heard(ann)
    world.server.cut()
    say(world, 230)
    await world.clock.advance(1000)
    expect(ann.status().state).toBe('online')
    expect(lines(ann, chat)).toEqual(expected(1, 233))
    expect(seqs).toEqual(Array.from({ length: 230 }, (_, i) => i + 4))
  })

  it('only counts what was missed elsewhere, and goes on from there', async () => {
    const world = createWorld()
    say(world, 1)
    const ann = await world.goOnline('ann')
    const seqs = heard(ann)
    world.server.cut()
    say(world, 5)
    await world.clock.advance(1000)
    expect(ann.model.conversation(chat)).toMatchObject({ unread: 6, maxSeq: 6 })
    expect(world.server.count('message.pull')).toBe(0)
    say(world, 1)
    await world.clock.settle()
    expect(seqs).toEqual([7])
  })

  it('fetches it everywhere for those who asked for it', async () => {
    const world = createWorld()
    say(world, 1)
    const ann = await world.goOnline('ann', { catchUp: 'all' })
    const seqs = heard(ann)
    world.server.cut()
    say(world, 3)
    await world.clock.advance(1000)
    expect(seqs).toEqual([2, 3, 4])
  })

  it('starts over at the newest page when very much was missed', async () => {
    const world = createWorld()
    say(world, 3)
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    world.server.cut()
    say(world, 1200)
    await world.clock.advance(1000)
    expect(lines(ann, chat)).toEqual(expected(1154, 1203))
    expect(ann.model.messages(chat).hasOlder).toBe(true)
  })

  it('catches up in an opened chat that nobody wrote in before', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await ann.open(chat)
    world.server.cut()
    say(world, 2)
    await world.clock.advance(1000)
    expect(lines(ann, chat)).toEqual(expected(1, 2))
    say(world, 1)
    await world.clock.settle()
    expect(lines(ann, chat)).toEqual(expected(1, 3))
  })

  it('asks the first list’s server about a chat that was opened before and is not listed', async () => {
    const world = createWorld()
    const ann = await world.signIn('ann')
    await ann.open(chat)
    await ann.connect()
    await world.clock.advance(1000)
    expect(world.server.asked.filter((a) => a.name === 'message.newest_seqs').at(-1)?.input).toEqual({
      conversation_ids: [chat],
    })
  })

  it('loses no push that comes while the list is on its way', async () => {
    const world = createWorld()
    say(world, 5)
    world.server.after = ({ name }) => {
      if (name === 'conversation.all') say(world, 2)
      return undefined
    }
    const ann = await world.signIn('ann')
    const seqs = heard(ann)
    await ann.connect()
    await world.clock.settle()
    expect(seqs).toEqual([6, 7])
    expect(ann.model.conversation(chat)).toMatchObject({ maxSeq: 7, unread: 7 })
  })

  it('tells pushes that overtook the list, though the list counts them', async () => {
    const world = createWorld()
    say(world, 5)
    world.server.ledger.stored = (message) => {
      for (const socket of world.server.sockets) world.server.deliver(message, socket)
    }
    world.server.before = ({ name, input }) => {
      if (name === 'conversation.all' || input['position'] !== undefined) say(world, 2)
      return undefined
    }
    const ann = await world.signIn('ann')
    const seqs = heard(ann)
    await ann.connect()
    await world.clock.settle()
    expect(seqs).toEqual([6, 7])
    world.server.cut()
    say(world, 3)
    await world.clock.advance(1000)
    expect(seqs).toEqual([6, 7, 11, 12])
    expect(ann.model.conversation(chat)).toMatchObject({ maxSeq: 12, unread: 12 })
  })

  it('asks for the list again when that failed', async () => {
    const world = createWorld()
    say(world, 1)
    let failures = 2
    world.server.before = ({ name }) => {
      if (name === 'conversation.all' && failures-- > 0) throw new ImError('internal')
      return undefined
    }
    const ann = await world.signIn('ann')
    await ann.connect()
    await world.clock.settle()
    expect(ann.model.conversations()).toEqual([])
    await world.clock.advance(5000)
    expect(ann.model.conversations()).toHaveLength(1)
  })
})

describe('history', () => {
  it('opens at the newest page and loads older ones down to the first', async () => {
    const world = createWorld()
    say(world, 120)
    const ann = await world.goOnline('ann')
    const seqs = heard(ann)
    const opened = ann.open(chat)
    expect(ann.model.messages(chat)).toMatchObject({ messages: [], loading: true })
    await opened
    expect(lines(ann, chat)).toEqual(expected(71, 120))
    await Promise.all([ann.loadOlder(chat), ann.loadOlder(chat)])
    expect(lines(ann, chat)).toEqual(expected(21, 120))
    await ann.loadOlder(chat)
    expect(lines(ann, chat)).toEqual(expected(1, 120))
    expect(ann.model.messages(chat)).toMatchObject({ hasOlder: false, loading: false })
    await ann.loadOlder(chat)
    expect(world.server.count('message.pull')).toBe(3)
    expect(seqs).toEqual([])
  })

  it('loads a conversation once, however often it is opened', async () => {
    const world = createWorld()
    say(world, 3)
    const ann = await world.goOnline('ann')
    await Promise.all([ann.open(chat), ann.open(chat)])
    await ann.open(chat)
    expect(world.server.count('message.pull')).toBe(1)
  })

  it('opens before there is a connection, over HTTP', async () => {
    const world = createWorld()
    say(world, 3)
    const ann = await world.signIn('ann')
    await ann.open(chat)
    expect(lines(ann, chat)).toEqual(expected(1, 3))
    await ann.connect()
    say(world, 1)
    await world.clock.settle()
    expect(lines(ann, chat)).toEqual(expected(1, 4))
  })

  it('opens later what could not be loaded now', async () => {
    const world = createWorld()
    say(world, 3)
    const ann = await world.signIn('ann')
    world.server.reachable = false
    const opened = ann.open(chat)
    await world.clock.settle()
    expect(ann.model.messages(chat).loading).toBe(true)
    world.server.reachable = true
    await world.clock.advance(5000)
    await opened
    expect(lines(ann, chat)).toEqual(expected(1, 3))
  })

  it('says so when a conversation may not be read', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    await expect(ann.open('si_bob:cem')).rejects.toMatchObject({ kind: 'no_permission' })
    expect(ann.model.messages('si_bob:cem')).toMatchObject({ messages: [], loading: false })
  })
})
