import { expect, it } from 'vitest'
import type { Client } from './api.ts'
import { createWorld, type World } from './testing/world.ts'

const chat = 'si_ann:bob'

const told = ({ server }: World) =>
  server.asked.filter((a) => a.name === 'conversation.draft').map((a) => a.input['text'])
const draft = (ann: Client) => ann.model.conversation(chat)?.draft

async function writing(): Promise<World & { ann: Client }> {
  const world = createWorld()
  world.server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
  return { ...world, ann: await world.goOnline('ann') }
}

it('shows a draft at once and tells it when the writing pauses', async () => {
  const world = await writing()
  const { clock, ann } = world
  for (const words of ['d', 'de', 'dear']) {
    ann.setDraft(chat, words)
    await clock.advance(300)
  }
  expect([draft(ann), told(world)]).toEqual(['dear', []])
  await clock.advance(1000)
  expect(told(world)).toEqual(['dear'])
  ann.setDraft(chat, '')
  await clock.advance(1000)
  expect([draft(ann), told(world)]).toEqual(['', ['dear', undefined]])
})

it('keeps the words written here while the server knows older ones', async () => {
  const { server, clock, ann } = await writing()
  ann.setDraft(chat, 'newer')
  server.ledger.perform('ann', 'conversation.draft', { conversation_id: chat, text: 'older' })
  await clock.settle()
  expect(draft(ann)).toBe('newer')
  await clock.advance(1000)
  server.ledger.perform('ann', 'conversation.draft', { conversation_id: chat, text: 'from elsewhere' })
  await clock.settle()
  expect(draft(ann)).toBe('from elsewhere')
})

it('tells it at a goodbye', async () => {
  const world = await writing()
  world.ann.setDraft(chat, 'half a sen')
  const left = world.ann.disconnect()
  await world.clock.settle()
  await left
  expect(world.server.ledger.view('ann', chat).draft).toBe('half a sen')
  expect(world.clock.waiting()).toEqual([])
})

it('tells on the next link what was written without one', async () => {
  const world = await writing()
  const { server, clock, ann } = world
  server.reachable = false
  server.cut()
  await clock.settle()
  ann.setDraft(chat, 'offline')
  await clock.advance(2000)
  expect(server.ledger.view('ann', chat).draft).toBe('')
  server.reachable = true
  await clock.advance(30_000)
  expect(server.ledger.view('ann', chat).draft).toBe('offline')
  expect(draft(ann)).toBe('offline')
})
