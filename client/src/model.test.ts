import { describe, expect, it } from 'vitest'
import { createWorld, lines, text } from './testing/world.ts'

const chat = 'si_ann:bob'

describe('snapshots', () => {
  it('stay the same objects as long as nothing in them changes', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    server.ledger.say('cem', { recv_id: 'ann' }, 'hello')
    const ann = await goOnline('ann')
    await ann.open(chat)
    ann.model.conversations()
    await clock.settle()
    const before = {
      list: ann.model.conversations(),
      messages: ann.model.messages(chat),
      bob: ann.model.conversation(chat),
      cem: ann.model.conversation('si_ann:cem'),
    }
    server.cut()
    await clock.advance(1000)
    expect(ann.status().state).toBe('online')
    expect(ann.model.conversations()).toBe(before.list)
    expect(ann.model.messages(chat)).toBe(before.messages)
    server.ledger.say('cem', { recv_id: 'ann' }, 'again')
    await clock.settle()
    expect(ann.model.conversations()).not.toBe(before.list)
    expect(ann.model.conversation(chat)).toBe(before.bob)
    expect(ann.model.conversation('si_ann:cem')).not.toBe(before.cem)
    expect(ann.model.messages(chat)).toBe(before.messages)
  })

  it('ring once per turn after changes, and not after leaving', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    let rings = 0
    const leave = ann.model.subscribe(() => (rings += 1))
    server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    await clock.settle()
    expect(rings).toBeGreaterThan(0)
    leave()
    const heard = rings
    server.ledger.say('bob', { recv_id: 'ann' }, 'hi again')
    await clock.settle()
    expect(rings).toBe(heard)
  })

  it('are empty before anybody signed in', () => {
    const { model, status, userId, token } = createWorld().client()
    expect([model.conversations(), model.totalUnread(), model.user('bob'), model.conversation(chat)]).toEqual(
      [[], 0, undefined, undefined],
    )
    expect(model.messages(chat)).toBe(model.messages('si_ann:cem'))
    expect([status().state, userId(), token()]).toEqual(['idle', undefined, undefined])
  })
})

describe('the list of conversations', () => {
  it('puts pinned ones first, then the latest', async () => {
    const { server, clock, goOnline } = createWorld()
    for (const from of ['bob', 'cem']) server.ledger.say(from, { recv_id: 'ann' }, 'hi')
    const ann = await goOnline('ann')
    const ids = (): string[] => ann.model.conversations().map((c) => c.id)
    expect(ids()).toEqual(['si_ann:cem', chat])
    await ann.call('conversation.update', { conversation_id: chat, is_pinned: true })
    await clock.settle()
    expect(ids()).toEqual([chat, 'si_ann:cem'])
    await ann.call('conversation.update', { conversation_id: chat, is_pinned: false })
    server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    await clock.settle()
    expect(ids()).toEqual([chat, 'si_ann:cem'])
  })

  it('names peers and groups, asking for many users at once', async () => {
    const { server, clock, goOnline } = createWorld()
    for (let i = 0; i < 120; i++) {
      server.ledger.addUser(`u${i}`)
      server.ledger.say(`u${i}`, { recv_id: 'ann' }, 'hi')
    }
    server.ledger.addGroup('g1', ['ann', 'bob'])
    const ann = await goOnline('ann')
    ann.model.conversations()
    await clock.settle()
    expect(ann.model.conversation('si_ann:u7')).toMatchObject({ title: 'U7', avatar: 'u7.png', peerId: 'u7' })
    expect(ann.model.conversation('sg_g1')).toMatchObject({ title: 'Group g1', type: 'group', groupId: 'g1' })
    ann.model.conversations()
    await clock.settle()
    expect(server.count('user.batch_info')).toBe(2)
    expect(server.count('group.info')).toBe(1)
  })

  it('shows a chat that exists only in the outbox, then as the server knows it', async () => {
    const { clock, signIn } = createWorld()
    const ann = await signIn('ann')
    ann.send({ userId: 'bob' }, text('first'))
    expect(ann.model.conversations()).toMatchObject([
      { id: chat, peerId: 'bob', maxSeq: 0, lastMessage: { status: 'sending' } },
    ])
    await ann.connect()
    await clock.advance(100)
    expect(ann.model.conversations()).toMatchObject([
      { id: chat, maxSeq: 1, readSeq: 1, unread: 0, lastMessage: { status: 'sent', seq: 1 } },
    ])
  })

  it('puts what is on its way behind what is stored', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    await ann.open(chat)
    server.before = ({ name }) => (name === 'message.send' ? 'swallow' : undefined)
    ann.send({ userId: 'bob' }, text('mine'))
    server.ledger.say('bob', { recv_id: 'ann' }, 'yours')
    await clock.settle()
    expect(lines(ann, chat)).toEqual(['1:yours', 'sending:mine'])
  })
})

describe('unread', () => {
  it('counts what others send, and nothing once it is read', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    for (let i = 0; i < 3; i++) server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    server.ledger.say('cem', { recv_id: 'ann' }, 'hi')
    await clock.settle()
    expect(ann.model.conversation(chat)?.unread).toBe(3)
    expect(ann.model.totalUnread()).toBe(4)
    await ann.markRead(chat, 2)
    expect(ann.model.conversation(chat)?.unread).toBe(1)
    await ann.markRead(chat)
    expect(ann.model.totalUnread()).toBe(1)
    expect(server.ledger.view('ann', chat).readSeq).toBe(3)
  })

  it('follows what was read on another device', async () => {
    const { server, clock, goOnline } = createWorld()
    for (let i = 0; i < 3; i++) server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    const ann = await goOnline('ann')
    server.ledger.perform('ann', 'conversation.mark_read', { conversation_id: chat, read_seq: 2 })
    await clock.settle()
    expect(ann.model.conversation(chat)).toMatchObject({ unread: 1, readSeq: 2 })
  })

  it('tells the server on the next link what was read without one', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    const ann = await goOnline('ann')
    server.reachable = false
    server.cut()
    await clock.settle()
    await ann.markRead(chat)
    expect(ann.model.totalUnread()).toBe(0)
    expect(server.ledger.view('ann', chat).readSeq).toBe(0)
    server.reachable = true
    await clock.advance(30_000)
    expect(server.ledger.view('ann', chat).readSeq).toBe(1)
    expect(ann.model.totalUnread()).toBe(0)
  })

  it('rejects when the server refuses', async () => {
    const { goOnline } = createWorld()
    const ann = await goOnline('ann')
    await expect(ann.call('conversation.info', { conversation_id: chat })).rejects.toMatchObject({
      kind: 'conversation_not_found',
    })
  })
})

describe('people', () => {
  it('shows who is online among the peers of chats and those watched', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    server.ledger.online.add('bob')
    const ann = await goOnline('ann')
    expect(ann.model.presence('bob')).toMatchObject({ status: 1 })
    expect(ann.model.presence('cem')).toBe(undefined)
    ann.watch(['cem'])
    await clock.advance(100)
    expect(ann.model.presence('cem')).toMatchObject({ status: 0 })
    const [socket] = server.sockets
    if (socket) server.tell(socket, 'user_online', { user_id: 'cem', status: 1 })
    await clock.settle()
    expect(ann.model.presence('cem')).toMatchObject({ status: 1 })
  })

  it('subscribes again after a break, and only when somebody else is wanted', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    ann.watch(['bob', 'cem'])
    await clock.advance(100)
    ann.watch(['cem', 'bob'])
    await clock.advance(100)
    expect(server.count('presence.subscribe')).toBe(1)
    server.cut()
    await clock.advance(1000)
    expect(server.count('presence.subscribe')).toBe(2)
    expect(server.asked.at(-1)?.input).toEqual({ user_ids: ['bob', 'cem'].reverse() })
  })

  it('learns the own profile from the answer to a change', async () => {
    const { goOnline } = createWorld()
    const ann = await goOnline('ann')
    expect(ann.model.user('ann')?.nickname).toBe('ANN')
    await ann.call('user.update', { nickname: 'Anna' })
    expect(ann.model.user('ann')?.nickname).toBe('Anna')
  })

  it('shows a group the user was put into, and its changes', async () => {
    const { server, clock, goOnline } = createWorld()
    server.ledger.addGroup('g1', ['bob'])
    const ann = await goOnline('ann')
    server.ledger.join('g1', 'ann')
    await clock.settle()
    ann.model.conversations()
    await clock.settle()
    expect(ann.model.conversations()).toMatchObject([{ id: 'sg_g1', title: 'Group g1' }])
    expect(ann.model.group('g1')?.member_count).toBe(2)
    server.ledger.setGroup('g1', { name: 'Renamed' }, 'group_changed', 'bob')
    await clock.settle()
    expect(ann.model.conversation('sg_g1')?.title).toBe('Renamed')
  })
})
