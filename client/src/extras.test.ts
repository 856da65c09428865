import { ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from './api.ts'
import { createWorld, type World } from './testing/world.ts'

const room = 'sg_g1'

/** A group in which bob has said so many things; ann reads it. */
async function inRoom(said: number): Promise<World & { ann: Client }> {
  const world = createWorld()
  world.server.ledger.addGroup('g1', ['bob', 'ann'])
  for (let i = 1; i <= said; i++) world.server.ledger.say('bob', { group_id: 'g1' }, `m${i}`)
  const ann = await world.goOnline('ann')
  return { ...world, ann }
}

const told = (ann: Client) => ann.model.messages(room).notices.map((n) => `${n.at_seq} ${n.kind}`)
const mine = (ann: Client, seq: number) =>
  ann.model.messages(room).messages.find((m) => m.seq === seq)?.myReactions

describe('system messages', () => {
  it('stand in the history, where they happened, and come live', async () => {
    const { server, clock, ann } = await inRoom(2)
    server.ledger.notice(room, 'announced', 'bob', [], { text: 'hear, hear' })
    server.ledger.say('bob', { group_id: 'g1' }, 'm3')
    await ann.open(room)
    expect(told(ann)).toEqual(['2 announced'])
    server.ledger.notice(room, 'member_muted', 'bob', ['ann'])
    await clock.settle()
    expect(told(ann)).toEqual(['2 announced', '3 member_muted'])
  })

  it('are there before the first message', async () => {
    const { server, ann } = await inRoom(0)
    server.ledger.notice(room, 'group_changed', 'bob')
    await ann.open(room)
    expect(told(ann)).toEqual(['0 group_changed'])
  })

  it('come with the stretch of history they belong to', async () => {
    const { server, clock, ann } = await inRoom(30)
    server.ledger.notice(room, 'announced', 'bob')
    for (let i = 0; i < 60; i++) server.ledger.say('bob', { group_id: 'g1' }, 'more')
    server.ledger.notice(room, 'group_changed', 'bob')
    await clock.settle()
    await ann.open(room)
    expect(told(ann)).toEqual(['90 group_changed'])
    await ann.loadOlder(room)
    expect(told(ann)).toEqual(['30 announced', '90 group_changed'])
  })

  it('are caught up after a break, once', async () => {
    const { server, clock, ann } = await inRoom(1)
    await ann.open(room)
    server.ledger.notice(room, 'announced', 'bob')
    await clock.settle()
    server.cut()
    server.ledger.notice(room, 'group_changed', 'bob')
    await clock.advance(1000)
    expect(told(ann)).toEqual(['1 announced', '1 group_changed'])
  })

  it('stay the same objects as long as none is added', async () => {
    const { server, clock, ann } = await inRoom(1)
    server.ledger.notice(room, 'announced', 'bob')
    await ann.open(room)
    const before = ann.model.messages(room)
    server.cut()
    await clock.advance(1000)
    expect(ann.model.messages(room)).toBe(before)
  })

  it('that could not be loaded are asked for again, while the messages are there', async () => {
    const { server, clock, ann } = await inRoom(1)
    server.ledger.notice(room, 'announced', 'bob')
    await clock.settle()
    let failures = 1
    server.before = ({ name }) => {
      if (name === 'conversation.extras' && failures-- > 0) throw new ImError('unavailable')
      return undefined
    }
    await ann.open(room)
    expect(ann.model.messages(room)).toMatchObject({ loading: false, messages: [{ seq: 1 }], notices: [] })
    await clock.advance(1000)
    expect(told(ann)).toEqual(['1 announced'])
  })
})

describe('own reactions', () => {
  it('are loaded with the history', async () => {
    const { server, ann } = await inRoom(3)
    server.ledger.perform('ann', 'message.react', { conversation_id: room, seq: 2, emoji: '👍' })
    await ann.open(room)
    expect([mine(ann, 1), mine(ann, 2)]).toEqual([undefined, ['👍']])
  })

  it('show when they are made here, and go when they are taken back', async () => {
    const { clock, ann } = await inRoom(3)
    await ann.open(room)
    await ann.react(room, 2, '👍')
    await clock.settle()
    expect(mine(ann, 2)).toEqual(['👍'])
    await ann.react(room, 2, '👍', true)
    await clock.settle()
    expect(mine(ann, 2)).toBe(undefined)
  })

  it('made on another device are asked for a moment later, in one question', async () => {
    const { server, clock, ann } = await inRoom(3)
    await ann.open(room)
    const before = server.count('conversation.extras')
    for (const seq of [1, 3])
      server.ledger.perform('ann', 'message.react', { conversation_id: room, seq, emoji: '🎉' })
    await clock.settle()
    expect(mine(ann, 1)).toBe(undefined)
    await clock.advance(3000)
    expect([mine(ann, 1), mine(ann, 2), mine(ann, 3)]).toEqual([['🎉'], undefined, ['🎉']])
    expect(server.count('conversation.extras')).toBe(before + 1)
  })
})
