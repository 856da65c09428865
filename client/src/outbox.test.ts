import { ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from './api.ts'
import type { OpenOutbox } from './store/outbox-store.ts'
import { createWorld, lines, text } from './testing/world.ts'

const chat = 'si_ann:bob'
const say = (client: Client, words: string) => client.send({ userId: 'bob' }, text(words))

describe('sending', () => {
  it('shows the message at once and its number after the answer', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    await ann.open(chat)
    const { acked, clientMsgId } = say(ann, 'hi')
    expect(lines(ann, chat)).toEqual(['sending:hi'])
    expect(await acked).toMatchObject({
      clientMsgId,
      seq: 1,
      status: 'sent',
      conversationId: chat,
      senderId: 'ann',
    })
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['1:hi'])
    expect(server.ledger.log(chat)).toHaveLength(1)
  })

  it('keeps a message in the store before it leaves, and removes it after the answer', async () => {
    const { server, clock, outbox, goOnline } = createWorld()
    const gate = Promise.withResolvers<void>()
    const slow: OpenOutbox = (key) => {
      const store = outbox(key)
      return { ...store, put: (entry) => gate.promise.then(() => store.put(entry)) }
    }
    const ann = await goOnline('ann', { outbox: slow })
    const { clientMsgId, acked } = say(ann, 'hi')
    server.cut()
    await clock.advance(1000)
    expect(ann.status().state).toBe('online')
    expect(server.count('message.send')).toBe(0)
    server.after = ({ name }) => (name === 'message.send' ? 'swallow' : undefined)
    server.push = () => undefined
    gate.resolve()
    await clock.settle()
    expect(server.count('message.send')).toBe(1)
    expect(await outbox('http://im.test ann').load()).toMatchObject([
      { clientMsgId, status: 'sending', recvId: 'bob' },
    ])
    server.after = () => undefined
    server.cut()
    await clock.advance(1000)
    await acked
    expect(await outbox('http://im.test ann').load()).toEqual([])
  })

  it('sends although the store refuses to keep', async () => {
    const { server, goOnline } = createWorld()
    const full: OpenOutbox = () => ({
      load: () => Promise.reject(new Error('no database here')),
      put: () => Promise.reject(new Error('quota')),
      remove: () => Promise.reject(new Error('quota')),
      close: () => undefined,
    })
    const ann = await goOnline('ann', { outbox: full })
    await say(ann, 'hi').acked
    expect(server.ledger.log(chat)).toHaveLength(1)
  })

  it('takes messages while offline and sends them in order once online', async () => {
    const { server, clock, signIn } = createWorld()
    const ann = await signIn('ann')
    for (const words of ['one', 'two', 'three']) say(ann, words)
    expect(lines(ann, chat)).toEqual(['sending:one', 'sending:two', 'sending:three'])
    await ann.connect()
    await clock.advance(100)
    expect(server.ledger.log(chat).map((m) => m.content.text?.text)).toEqual(['one', 'two', 'three'])
  })

  it('pipelines: does not wait for one answer before the next message leaves', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.after = ({ name }) => (name === 'message.send' ? 'swallow' : undefined)
    for (const words of ['one', 'two', 'three']) say(ann, words)
    await clock.settle()
    expect(server.count('message.send')).toBe(3)
  })

  it('sends again under the same id when the link was cut between send and answer', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    await ann.open(chat)
    let cuts = 0
    server.after = ({ name }) => {
      if (name !== 'message.send' || cuts++ > 0) return undefined
      server.cut()
      return 'swallow'
    }
    server.push = () => undefined
    const { acked, clientMsgId } = say(ann, 'once')
    await clock.settle()
    expect(ann.status().state).toBe('waiting')
    await clock.advance(1000)
    expect((await acked).seq).toBe(1)
    const sends = server.asked.filter((a) => a.name === 'message.send')
    expect(sends.map((a) => a.input['client_msg_id'])).toEqual([clientMsgId, clientMsgId])
    expect(lines(ann, chat)).toEqual(['1:once'])
    expect(server.ledger.log(chat)).toHaveLength(1)
  })

  it('is one message whichever comes first, answer or push', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    await ann.open(chat)
    server.ledger.stored = (message) => {
      for (const socket of server.sockets) server.deliver(message, socket)
    }
    await say(ann, 'push first').acked
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['1:push first'])
    expect(ann.model.conversation(chat)).toMatchObject({ maxSeq: 1, unread: 0 })
  })
})

describe('refusals', () => {
  it('marks a message as failed when the server refuses it for good, and sends the next one', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.before = ({ input }) => {
      if (JSON.stringify(input).includes('rude')) throw new ImError('forbidden')
      return undefined
    }
    const refused = say(ann, 'rude')
    const kind = say(ann, 'kind')
    await expect(refused.acked).rejects.toMatchObject({ kind: 'forbidden' })
    await kind.acked
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['failed:rude'])
    expect(ann.model.messages(chat).messages[0]?.error).toMatchObject({ kind: 'forbidden' })
    expect(server.ledger.log(chat)).toHaveLength(1)
  })

  it('tries a refused message again under the same id, or drops it', async () => {
    const { server, clock, outbox, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.before = ({ name }) => {
      if (name === 'message.send') throw new ImError('forbidden')
      return undefined
    }
    const [first, second] = [say(ann, 'first'), say(ann, 'second')]
    await clock.settle()
    server.before = () => undefined
    ann.discard(second.clientMsgId)
    ann.retry(first.clientMsgId)
    expect(lines(ann, chat)).toEqual(['sending:first'])
    await clock.settle()
    expect(server.ledger.log(chat).map((m) => m.client_msg_id)).toEqual([first.clientMsgId])
    expect(await outbox('http://im.test ann').load()).toEqual([])
  })

  it('keeps a message that was refused for now, and the ones behind it, until the server takes them', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    let refusals = 2
    server.before = ({ name }) => {
      if (name === 'message.send' && refusals-- > 0) throw new ImError('too_many_requests')
      return undefined
    }
    const one = say(ann, 'one')
    await clock.settle()
    say(ann, 'two')
    await clock.settle()
    expect(server.ledger.log(chat)).toHaveLength(0)
    expect(lines(ann, chat)).toEqual(['sending:one', 'sending:two'])
    await clock.advance(10_000)
    await one.acked
    await clock.settle()
    expect(server.ledger.log(chat).map((m) => m.content.text?.text)).toEqual(['one', 'two'])
  })

  it('does not repeat for ever a frame that is too large for the server', async () => {
    const { server, clock, goOnline } = createWorld()
    server.maxFrame = 2000
    const ann = await goOnline('ann')
    const large = say(ann, 'x'.repeat(5000))
    const small = say(ann, 'small')
    await expect(large.acked).rejects.toMatchObject({ kind: 'too_large' })
    await clock.advance(1000)
    expect(await small.acked).toMatchObject({ seq: 1 })
    expect(server.handshakes).toBe(2)
  })

  it('takes HTTP for a message that no frame can carry, and keeps the order', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const sent = [say(ann, 'before'), say(ann, 'x'.repeat(60_000)), say(ann, 'after')]
    await Promise.all(sent.map((s) => s.acked))
    await clock.settle()
    expect(server.asked.filter((a) => a.name === 'message.send').map((a) => a.via)).toEqual([
      'socket',
      'http',
      'socket',
    ])
    expect(server.ledger.log(chat).map((m) => m.content.text?.text.slice(0, 6))).toEqual([
      'before',
      'xxxxxx',
      'after',
    ])
  })
})

describe('reloads and goodbyes', () => {
  it('sends after a reload what was written before it', async () => {
    const { server, clock, signIn, goOnline } = createWorld()
    const before = await signIn('ann')
    const { clientMsgId } = say(before, 'written offline')
    await clock.settle()
    const after = await goOnline('ann')
    await after.open(chat)
    expect(server.ledger.log(chat).map((m) => m.client_msg_id)).toEqual([clientMsgId])
    expect(lines(after, chat)).toEqual(['1:written offline'])
  })

  it('sends what an earlier run left before what was written since', async () => {
    const { server, clock, signIn } = createWorld()
    const before = await signIn('ann')
    say(before, 'old')
    await clock.advance(10)
    const after = await signIn('ann')
    say(after, 'new')
    await after.connect()
    await clock.advance(100)
    expect(server.ledger.log(chat).map((m) => m.content.text?.text)).toEqual(['old', 'new'])
  })

  it('shows after a reload what had failed before it', async () => {
    const { server, clock, signIn, goOnline } = createWorld()
    server.before = ({ name }) => {
      if (name === 'message.send') throw new ImError('forbidden')
      return undefined
    }
    const before = await goOnline('ann')
    say(before, 'rude')
    await clock.settle()
    const after = await signIn('ann')
    expect(lines(after, chat)).toEqual(['failed:rude'])
    expect(after.model.conversations()).toMatchObject([{ id: chat, lastMessage: { status: 'failed' } }])
  })

  it('waits at a goodbye for what is under way', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    say(ann, 'bye')
    const left = ann.disconnect()
    await clock.settle()
    expect(await left).toEqual({ unsent: 0 })
    expect(server.ledger.log(chat)).toHaveLength(1)
    expect(ann.status().state).toBe('idle')
  })

  it('tells at a goodbye what stays in the outbox when the server does not answer in time', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.before = ({ name }) => (name === 'message.send' ? 'swallow' : undefined)
    say(ann, 'lost')
    const left = ann.disconnect({ timeoutMs: 500 })
    await clock.advance(500)
    expect(await left).toEqual({ unsent: 1 })
  })

  it('keeps one user’s outbox from another user', async () => {
    const { server, clock, signIn, goOnline } = createWorld()
    say(await signIn('ann'), 'from ann')
    await clock.settle()
    await goOnline('cem')
    expect(server.count('message.send')).toBe(0)
  })

  it('refuses a message to nobody, and one before anybody signed in', async () => {
    const { client, signIn } = createWorld()
    expect(() => say(client(), 'hi')).toThrow(ImError)
    const ann = await signIn('ann')
    expect(() => ann.send({}, text('hi'))).toThrow(/invalid parameter/)
    expect(() => ann.send({ userId: 'bob', groupId: 'g' }, text('hi'))).toThrow(/invalid parameter/)
  })
})
