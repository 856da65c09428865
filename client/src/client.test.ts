import { ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { createClient } from './client.ts'
import { createWorld, lines, text } from './testing/world.ts'

const chat = 'si_ann:bob'

describe('sessions', () => {
  it('registers, signs in with its platform, and remembers the token', async () => {
    const { server, client } = createWorld()
    const dee = client({ platformId: 5 })
    await dee.register({ user_id: 'dee', password: 'correct horse' })
    const user = await dee.login({ user_id: 'dee', password: 'correct horse' })
    expect([user.user_id, dee.userId(), dee.token()]).toEqual(['dee', 'dee', 't-dee'])
    expect(server.asked.at(-1)).toMatchObject({ via: 'http', name: 'auth.login', input: { platform_id: 5 } })
    expect(dee.conversationWith('bob')).toBe('si_bob:dee')
    expect(dee.status().state).toBe('idle')
  })

  it('takes up a kept token', async () => {
    const { client } = createWorld()
    const ann = client()
    expect(await ann.resume('t-ann')).toMatchObject({ user_id: 'ann' })
    expect(ann.token()).toBe('t-ann')
    await ann.connect()
    expect(ann.status().state).toBe('online')
  })

  it('does not take up a dead one', async () => {
    const { server, client } = createWorld()
    server.dead.add('t-ann')
    const ann = client()
    await expect(ann.resume('t-ann')).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(ann.userId()).toBe(undefined)
    await expect(ann.connect()).rejects.toBeInstanceOf(ImError)
  })

  it('leaves nothing behind for the next user of the same client', async () => {
    const { server, clock, client } = createWorld()
    server.ledger.say('bob', { recv_id: 'ann' }, 'for ann')
    const shared = client()
    await shared.login({ user_id: 'ann', password: 'correct horse' })
    await shared.connect()
    await shared.open(chat)
    await shared.login({ user_id: 'cem', password: 'correct horse' })
    await clock.settle()
    expect(shared.status().state).toBe('idle')
    expect([shared.model.conversations(), lines(shared, chat)]).toEqual([[], []])
    expect(server.sockets).toHaveLength(0)
  })

  it('signs out on the server, without looking thrown out', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const seen: string[] = []
    ann.on('status', ({ state }) => seen.push(state))
    const left = ann.logout()
    await clock.settle()
    await left
    expect(server.count('auth.logout')).toBe(1)
    expect(seen).not.toContain('ended')
    expect([ann.userId(), ann.token(), ann.status().state]).toEqual([undefined, undefined, 'idle'])
  })

  it('forgets a session on sign-out even when the server cannot be told', async () => {
    const { server, signIn } = createWorld()
    const ann = await signIn('ann')
    server.reachable = false
    await expect(ann.logout()).rejects.toMatchObject({ kind: 'connection_closed' })
    expect(ann.token()).toBe(undefined)
  })
})

describe('calls', () => {
  it('take the socket when online, else HTTP', async () => {
    const { server, clock, signIn } = createWorld()
    const ann = await signIn('ann')
    expect(await ann.call('user.profile', { user_id: 'bob' })).toMatchObject({ nickname: 'BOB' })
    expect(server.asked.at(-1)).toMatchObject({ via: 'http', name: 'user.profile' })
    await ann.connect()
    await clock.advance(100)
    await ann.call('user.profile', { user_id: 'bob' })
    expect(server.asked.at(-1)).toMatchObject({ via: 'socket', name: 'user.profile' })
  })

  it('reject at once what needs a socket while there is none', async () => {
    const { signIn } = createWorld()
    const ann = await signIn('ann')
    await expect(ann.call('presence.subscribe', { user_ids: ['bob'] })).rejects.toMatchObject({
      kind: 'connection_closed',
    })
  })

  it('reach public operations without a session, and only those', async () => {
    const { client } = createWorld()
    const nobody = client()
    const { token } = await nobody.call('auth.login', { user_id: 'ann', password: 'correct horse' })
    expect(token).toBe('t-ann')
    await expect(nobody.call('user.info', {})).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  it('reject with the server’s error, by either way', async () => {
    const { signIn } = createWorld()
    const ann = await signIn('ann')
    const ask = (): Promise<unknown> => ann.call('group.info', { group_id: 'none' })
    await expect(ask()).rejects.toMatchObject({ kind: 'group_not_found' })
    await ann.connect()
    await expect(ask()).rejects.toMatchObject({ kind: 'group_not_found' })
  })
})

describe('events', () => {
  it('come to everyone who listens, until they leave', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const names: string[] = []
    const words: (string | undefined)[] = []
    const leave = ann.on('event', ({ name }) => names.push(name))
    ann.on('message', ({ content }) => words.push(content.text?.text))
    server.ledger.say('bob', { recv_id: 'ann' }, 'one')
    await clock.settle()
    leave()
    server.ledger.say('bob', { recv_id: 'ann' }, 'two')
    await clock.settle()
    expect(names).toEqual(['message_received'])
    expect(words).toEqual(['one', 'two'])
  })

  it('tell an own message once, when it has its number', async () => {
    const { clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const told: number[] = []
    ann.on('message', ({ seq }) => told.push(seq))
    await ann.send({ userId: 'bob' }, text('hi')).acked
    await clock.settle()
    expect(told).toEqual([1])
  })
})

it('calls the platform’s fetch as the platform wants it: without a receiver', async () => {
  const given = globalThis.fetch
  let receiver: unknown = 'never called'
  globalThis.fetch = new Proxy(given, {
    apply: (_, self) => {
      receiver = self
      return Promise.resolve(new Response('{"code":0,"msg":"","data":{"user_id":"ann"}}'))
    },
  })
  try {
    await createClient({ url: 'http://im.test/' }).register({ user_id: 'ann', password: 'correct horse' })
  } finally {
    globalThis.fetch = given
  }
  expect([undefined, globalThis]).toContain(receiver)
})
