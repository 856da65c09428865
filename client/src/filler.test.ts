import type { FrameOutput } from '@nexo-im/protocol'
import { expect, it } from 'vitest'
import { createWorld, lines } from './testing/world.ts'

const chat = 'si_ann:bob'

it('does not take a short page for complete when the node that gave it lags behind what was pushed', async () => {
  const world = createWorld()
  const { server, clock } = world
  const ann = await world.goOnline('ann')
  await ann.open(chat)
  server.push = () => undefined
  const said = [1, 2, 3, 4, 5].map((n) => server.ledger.say('bob', { recv_id: 'ann' }, `m${n}`))
  const perform = server.ledger.perform.bind(server.ledger)
  let lags = true
  server.ledger.perform = ((userId, name, input) => {
    const answer = perform(userId, name, input)
    if (!lags || name !== 'message.pull') return answer
    const { messages } = answer as FrameOutput<'message.pull'>
    return { messages: messages.filter((m) => m.seq <= 3), max_seq: 3 }
  }) as typeof perform
  await clock.settle()
  const [socket] = server.sockets
  const last = said.at(-1)
  if (socket && last) server.deliver(last, socket)
  await clock.settle()
  expect(lines(ann, chat)).toEqual(['1:m1', '2:m2', '3:m3'])
  lags = false
  await clock.advance(5000)
  expect(lines(ann, chat)).toEqual(['1:m1', '2:m2', '3:m3', '4:m4', '5:m5'])
})
