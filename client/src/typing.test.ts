import { describe, expect, it } from 'vitest'
import { createWorld, text, type World } from './testing/world.ts'

const chat = 'si_ann:bob'

const told = ({ server }: World) =>
  server.asked.filter((a) => a.name === 'message.typing').map((a) => a.input['typing'])

describe('others who write', () => {
  async function watching() {
    const world = createWorld()
    world.server.ledger.say('bob', { recv_id: 'ann' }, 'hi')
    const ann = await world.goOnline('ann')
    const hear = async (typing: boolean): Promise<void> => {
      for (const socket of world.server.sockets)
        world.server.tell(socket, 'typing', { conversation_id: chat, user_id: 'bob', typing })
      await world.clock.settle()
    }
    return { ...world, ann, hear, writers: () => ann.model.conversation(chat)?.typing }
  }

  it('are shown until they stop, or are not heard of for six seconds', async () => {
    const { clock, hear, writers } = await watching()
    await hear(true)
    expect(writers()).toEqual(['bob'])
    await clock.advance(4000)
    await hear(true)
    await clock.advance(5999)
    expect(writers()).toEqual(['bob'])
    await clock.advance(1)
    expect(writers()).toEqual([])
    await hear(true)
    await hear(false)
    expect(writers()).toEqual([])
  })

  it('have stopped when their message comes', async () => {
    const { server, clock, hear, writers } = await watching()
    await hear(true)
    server.ledger.say('bob', { recv_id: 'ann' }, 'there')
    await clock.settle()
    expect(writers()).toEqual([])
  })

  it('are forgotten with the link, and leave no timer behind', async () => {
    const { clock, ann, hear, writers } = await watching()
    await hear(true)
    await ann.disconnect()
    await clock.settle()
    expect([writers(), clock.waiting()]).toEqual([[], []])
  })
})

describe('the own writing', () => {
  it('is told at the first key, then every three seconds at most', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    for (let ms = 0; ms < 7000; ms += 100) {
      ann.typing(chat, true)
      await world.clock.advance(100)
    }
    expect(told(world)).toEqual([true, true, true])
  })

  it('is told to have stopped once, and only if it was told before', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    ann.typing(chat, false)
    ann.typing(chat, true)
    ann.typing(chat, false)
    ann.typing(chat, false)
    await world.clock.settle()
    expect(told(world)).toEqual([true, false])
  })

  it('begins anew after a message was sent', async () => {
    const world = createWorld()
    const ann = await world.goOnline('ann')
    ann.typing(chat, true)
    await ann.send({ userId: 'bob' }, text('hi')).acked
    ann.typing(chat, true)
    await world.clock.settle()
    expect(told(world)).toEqual([true, true])
  })

  it('is told to nobody while offline', async () => {
    const world = createWorld()
    const ann = await world.signIn('ann')
    ann.typing(chat, true)
    await world.clock.settle()
    expect(told(world)).toEqual([])
  })
})
