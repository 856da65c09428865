import { expect, it } from 'vitest'
import { createWorld } from './testing/world.ts'

const at = { conversation_id: 'si_ann:bob', seq: 1 }

it('asks for each action with what it needs and nothing else', async () => {
  const { server, goOnline } = createWorld()
  for (const words of ['one', 'two']) server.ledger.say('bob', { recv_id: 'ann' }, words)
  const ann = await goOnline('ann')
  const id = at.conversation_id
  await ann.react(id, 1, '👍')
  await ann.react(id, 1, '👍', true)
  await ann.pin(id, 1)
  await ann.unpin(id, 1)
  await ann.edit(id, 1, { text: { text: 'uno' } })
  await ann.recall(id, 1)
  await ann.remove(id, [2], { forEveryone: true })
  const asked = server.asked.filter(({ name }) =>
    /^message\.(react|pin|unpin|edit|recall|delete)$/.test(name),
  )
  expect(asked.map(({ name, input }) => [name, input])).toEqual([
    ['message.react', { ...at, emoji: '👍' }],
    ['message.react', { ...at, emoji: '👍', remove: true }],
    ['message.pin', at],
    ['message.unpin', at],
    ['message.edit', { ...at, content: { text: { text: 'uno' } } }],
    ['message.recall', at],
    ['message.delete', { conversation_id: id, seqs: [2], for_everyone: true }],
  ])
})

it('forwards messages, and answers what was sent', async () => {
  const { server, goOnline } = createWorld()
  for (const words of ['one', 'two']) server.ledger.say('bob', { recv_id: 'ann' }, words)
  const ann = await goOnline('ann')
  const sent = await ann.forward(at.conversation_id, [1, 2], { userId: 'cem' })
  expect(sent).toMatchObject([
    { conversationId: 'si_ann:cem', seq: 1, senderId: 'ann', content: { text: { text: 'one' } } },
    { conversationId: 'si_ann:cem', seq: 2, content: { text: { text: 'two' } } },
  ])
  await ann
    .forward(at.conversation_id, [1], { groupId: 'g1' }, { merged: true, title: 'Ours' })
    .catch(() => undefined)
  expect(server.asked.findLast((a) => a.name === 'message.forward')?.input).toMatchObject({
    seqs: [1],
    group_id: 'g1',
    merged: true,
    title: 'Ours',
  })
})
