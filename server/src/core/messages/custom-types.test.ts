import { describe, expect, it } from 'vitest'
import { testCore } from '../../testing/domain/core.ts'

const ticket = {
  type: 'object',
  properties: { id: { type: 'integer' }, title: { type: 'string', maxLength: 10 } },
  required: ['id'],
}

const custom = (id: string, type: string, data: unknown) => ({
  client_msg_id: id,
  recv_id: 'bob',
  msg_type: 100,
  content: { custom: { type, data: typeof data === 'string' ? data : JSON.stringify(data) } },
})

describe('a registered message type', () => {
  it('lets data through that fits, byte for byte, and names the path of what does not', async () => {
    const core = await testCore()
    const ann = await core.person('ann')
    await core.person('bob')
    core.world.customTypes.register('ticket', ticket)
    const sent = await core.dispatch(ann, 'message.send', custom('a', 'ticket', '{"id": 7}'))
    expect(JSON.parse(sent.body)).toEqual({ type: 'ticket', data: '{"id": 7}' })
    for (const data of [{ id: 'x' }, { id: 1, title: 'much too long' }, {}, 'no json', '7'])
      await expect(core.dispatch(ann, 'message.send', custom('b', 'ticket', data))).rejects.toMatchObject({
        kind: 'invalid_parameter',
        detail: expect.stringContaining('content.custom.data'),
      })
    expect((await core.store.heads(['si_ann:bob']))[0]?.seq).toBe(1)
  })

  it('leaves other types alone, and its own once it was taken away', async () => {
    const core = await testCore()
    const ann = await core.person('ann')
    await core.person('bob')
    const remove = core.world.customTypes.register('ticket', ticket)
    await core.dispatch(ann, 'message.send', custom('a', 'unknown', 'anything'))
    remove()
    await core.dispatch(ann, 'message.send', custom('b', 'ticket', 'anything'))
    expect((await core.store.heads(['si_ann:bob']))[0]?.seq).toBe(2)
  })

  it('cannot take a name twice, or one of the server’s own', async () => {
    const { world } = await testCore()
    world.customTypes.register('ticket', ticket)
    expect(() => world.customTypes.register('ticket', ticket)).toThrow('taken')
    expect(() => world.customTypes.register('nexo.merged', ticket)).toThrow('taken')
  })
})

it('names of the server’s own cannot be sent by a client', async () => {
  const core = await testCore()
  const ann = await core.person('ann')
  await core.person('bob')
  await expect(core.dispatch(ann, 'message.send', custom('a', 'nexo.merged', '{}'))).rejects.toMatchObject({
    kind: 'invalid_parameter',
  })
})
