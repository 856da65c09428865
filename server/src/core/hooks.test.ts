import { ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { type TestCore, testCore } from '../testing/domain/core.ts'
import type { HandlerMessage } from './hooks.ts'
import type { Caller } from './world.ts'

const text = (words: string, id: string = words, to = 'bob') => ({
  client_msg_id: id,
  recv_id: to,
  msg_type: 1,
  content: { text: words },
})

async function two(): Promise<{ core: TestCore; ann: Caller; bob: Caller }> {
  const core = await testCore()
  return { core, ann: await core.person('ann'), bob: await core.person('bob') }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a message handler', () => {
  it('is told of every stored message of its type, in order, after the commit', async () => {
    const { core, ann } = await two()
    const seen: string[] = []
    core.hooks.onMessage('text', async (message) => {
      const stored = await core.store.read('si_ann:bob', message.sequence, message.sequence, 1)
      seen.push(`${message.content} ${stored.length}`)
    })
    for (const words of ['a', 'b', 'c']) await core.dispatch(ann, 'message.send', text(words))
    await expect.poll(() => seen).toEqual(['a 1', 'b 1', 'c 1'])
  })

  it('is not told of a repeat', async () => {
    const { core, ann } = await two()
    const seen: HandlerMessage[] = []
    core.hooks.onMessage('text', (message) => void seen.push(message))
    for (let i = 0; i < 3; i++) await core.dispatch(ann, 'message.send', text('once'))
    await turn()
    expect(seen).toHaveLength(1)
  })

  it('that throws harms neither the message nor the handlers behind it', async () => {
    const { core, ann } = await two()
    const seen: string[] = []
    core.hooks.onMessage('text', () => {
      throw new Error('broken')
    })
    core.hooks.onMessage('text', (message) => void seen.push(message.content))
    await core.dispatch(ann, 'message.send', text('through'))
    await expect.poll(() => seen).toEqual(['through'])
  })

  it('that never comes back is left to itself after ten seconds', async () => {
    const { core, ann } = await two()
    const seen: string[] = []
    const stop = core.hooks.onMessage('text', () => new Promise(() => undefined))
    core.hooks.onMessage('text', (message) => void seen.push(message.content))
    await core.dispatch(ann, 'message.send', text('late'))
    await turn()
    expect(seen).toEqual([])
    core.clock.advance(10_000)
    await expect.poll(() => seen).toEqual(['late'])
    stop()
  })

  it('that was taken away hears nothing more', async () => {
    const { core, ann } = await two()
    const seen: string[] = []
    const stop = core.hooks.onMessage('text', (message) => void seen.push(message.content))
    await core.dispatch(ann, 'message.send', text('one'))
    await expect.poll(() => seen).toEqual(['one'])
    stop()
    await core.dispatch(ann, 'message.send', text('two'))
    await turn()
    expect(seen).toEqual(['one'])
  })
})

describe('a before-hook', () => {
  it('that throws refuses, with its own error or as refused_by_hook, and nothing is written', async () => {
    const { core, ann } = await two()
    core.hooks.onBefore('message.send', (input) => {
      if (input.client_msg_id === 'own') throw new ImError('forbidden')
      throw new Error('no')
    })
    await expect(core.dispatch(ann, 'message.send', text('x', 'own'))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    await expect(core.dispatch(ann, 'message.send', text('x', 'any'))).rejects.toMatchObject({
      kind: 'refused_by_hook',
    })
    expect(await core.store.heads(['si_ann:bob'])).toEqual([undefined])
  })

  it('may change the input; what it makes of it is judged like any input', async () => {
    const { core, ann } = await two()
    core.hooks.onBefore('message.send', (input) => ({ ...input, content: { text: 'tidied' } }))
    const sent = await core.dispatch(ann, 'message.send', text('untidy'))
    expect(sent.body).toBe('{"text":"tidied"}')
    core.hooks.onBefore('message.send', (input) => ({ ...input, client_msg_id: 'x'.repeat(65) }))
    await expect(core.dispatch(ann, 'message.send', text('again'))).rejects.toMatchObject({
      kind: 'invalid_parameter',
    })
  })

  it('cannot lead around the policy: a new target is judged anew', async () => {
    const { core, ann } = await two()
    await core.person('eve')
    core.hooks.onBefore('message.send', (input) => ({ ...input, recv_id: 'nobody' }))
    await expect(core.dispatch(ann, 'message.send', text('x'))).rejects.toMatchObject({
      kind: 'user_not_found',
    })
  })

  it('is not asked about what policy refuses anyway', async () => {
    const { core, ann } = await two()
    let asked = 0
    core.hooks.onBefore('message.send', () => void asked++)
    await expect(core.dispatch(ann, 'message.send', text('x', 'x', 'nobody'))).rejects.toThrow(
      'user not found',
    )
    expect(asked).toBe(0)
  })

  it('without an answer in ten seconds refuses', async () => {
    const { core, ann } = await two()
    const asked = new Promise<void>((resolve) => {
      core.hooks.onBefore('message.send', () => {
        resolve()
        return new Promise(() => undefined)
      })
    })
    const sent = core.dispatch(ann, 'message.send', text('x'))
    const outcome = sent.catch((error: ImError) => error.kind)
    await asked
    core.clock.advance(10_000)
    expect(await outcome).toBe('refused_by_hook')
  })
})

describe('an on-hook', () => {
  it('is told who did what, after it was written and only then', async () => {
    const { core, ann } = await two()
    const told: unknown[] = []
    core.hooks.onDone('group.create', (input, caller) => void told.push([input.name, caller.userId]))
    await core.dispatch(ann, 'group.create', { name: 'Trio' })
    await expect(core.dispatch(ann, 'group.create', { name: 'Bad', member_ids: ['x'] })).rejects.toThrow(
      'user not found',
    )
    await expect.poll(() => told).toEqual([['Trio', 'ann']])
  })
})
