import { expect, it } from 'vitest'
import { createWorld, text, type World } from './testing/world.ts'

const chat = 'si_ann:bob'
const toAnn = { recv_id: 'ann' }

const acks = ({ server }: World) =>
  server.asked.filter((a) => a.name === 'message.ack').map((a) => a.input['seq'])

it('acks what arrived from others, once a second and conversation at most', async () => {
  const world = createWorld()
  const { server, clock, goOnline } = world
  await goOnline('ann')
  for (let i = 0; i < 3; i++) server.ledger.say('bob', toAnn, 'hi')
  await clock.advance(100)
  expect(acks(world)).toEqual([3])
  for (let i = 0; i < 5; i++) {
    server.ledger.say('bob', toAnn, 'hi')
    await clock.advance(100)
  }
  expect(acks(world)).toEqual([3])
  server.ledger.say('cem', toAnn, 'me too')
  await clock.advance(100)
  expect(acks(world)).toEqual([3, 1])
  await clock.advance(1000)
  expect(acks(world)).toEqual([3, 1, 8])
  expect(server.ledger.view('ann', chat).deliveredSeq).toBe(8)
})

it('acks no own messages, and none that were read already', async () => {
  const world = createWorld()
  const { server, clock, goOnline } = world
  const ann = await goOnline('ann')
  await ann.send({ userId: 'bob' }, text('mine')).acked
  server.ledger.say('bob', toAnn, 'yours')
  await clock.settle()
  await ann.markRead(chat)
  await clock.advance(5000)
  expect(acks(world)).toEqual([])
})

it('acks what a list or a caught-up change counts in single chats', async () => {
  const world = createWorld()
  const { server, clock, goOnline } = world
  server.ledger.addGroup('g1', ['bob', 'ann'])
  server.ledger.say('bob', { group_id: 'g1' }, 'all of you')
  server.ledger.say('bob', toAnn, 'one')
  await goOnline('ann')
  await clock.advance(1000)
  expect(acks(world)).toEqual([1])
  server.cut()
  server.ledger.say('bob', toAnn, 'two')
  await clock.advance(2000)
  expect(acks(world)).toEqual([1, 2])
})

it('acks on the next link what was lost with the last one', async () => {
  const world = createWorld()
  const { server, clock, goOnline } = world
  const ann = await goOnline('ann')
  await ann.open(chat)
  let cuts = 1
  server.before = ({ name }) => {
    if (name !== 'message.ack' || cuts-- <= 0) return undefined
    server.cut()
    return 'swallow'
  }
  server.ledger.say('bob', toAnn, 'hi')
  await clock.advance(5000)
  expect(acks(world)).toEqual([1, 1])
  await ann.disconnect()
  await clock.settle()
  expect(clock.waiting()).toEqual([])
})
