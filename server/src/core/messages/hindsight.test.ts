import { beforeEach, describe, expect, it } from 'vitest'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import type { Caller } from '../world.ts'

let core: TestCore
let ann: Caller
let bob: Caller
let group_id: string
let conversation_id: string
beforeEach(async () => {
  core = await testCore()
  ann = await core.person('ann')
  bob = await core.person('bob')
  const group = await core.dispatch(ann, 'group.create', { name: 'G', member_ids: ['bob'] })
  group_id = group.id
  conversation_id = `sg_${group_id}`
})

let ids = 0
const say = (words: string) =>
  core.dispatch(ann, 'message.send', {
    client_msg_id: `m${ids++}`,
    group_id,
    msg_type: 1,
    content: { text: words },
  })
const edit = (seq: number, words: string) =>
  core.dispatch(ann, 'message.edit', { conversation_id, seq, content: { text: words } })
const seen = async (who: Caller): Promise<string[]> =>
  (await core.dispatch(who, 'message.pull', { conversation_id })).messages.map((m) =>
    `${m.body} ${m.meta}`.trim(),
  )

describe('whoever left', () => {
  it('sees a message as it was at leaving, whatever edits and reactions came later', async () => {
    await say('one')
    core.clock.advance(5)
    await edit(1, 'one, edited')
    const before = await seen(bob)
    await core.dispatch(bob, 'group.quit', { group_id })
    core.clock.advance(5)
    await edit(1, 'one, edited behind their back')
    await core.dispatch(ann, 'message.react', { conversation_id, seq: 1, emoji: '👀' })
    expect(await seen(bob)).toEqual(before)
    expect((await seen(ann))[0]).toContain('behind their back')
    const [listed] = (await core.dispatch(bob, 'conversation.all', { with_last_message: true })) as {
      last_message?: { body: string }
    }[]
    expect(listed?.last_message?.body).toBe('{"text":"one, edited"}')
  })

  it('sees the original also when the very next thing that happens is an edit', async () => {
    await say('original')
    await core.dispatch(bob, 'group.quit', { group_id })
    await edit(1, 'second')
    expect(await seen(bob)).toEqual(['{"text":"original"}'])
  })

  it('sees the original where every edit came later, without a trace of them', async () => {
    await say('original')
    await core.dispatch(bob, 'group.quit', { group_id })
    await edit(1, 'second')
    await edit(1, 'third')
    expect(await seen(bob)).toEqual(['{"text":"original"}'])
  })

  it('loses what is recalled, on devices that catch up too', async () => {
    await say('secret')
    await core.dispatch(bob, 'group.quit', { group_id })
    const { position } = await core.dispatch(bob, 'sync.changes', {})
    await edit(1, 'another secret')
    await core.dispatch(ann, 'message.recall', { conversation_id, seq: 1 })
    expect((await seen(bob))[0]).toMatch(/^"gone":\{"cause":"recalled"/)
    const { changes } = await core.dispatch(bob, 'sync.changes', { position })
    expect(changes).toMatchObject([{ message: { seq: 1, body: '' } }])
  })

  it('can no longer ask for versions, reactions, readers or pins', async () => {
    await say('one')
    await core.dispatch(bob, 'group.quit', { group_id })
    const message = { conversation_id, seq: 1 }
    for (const ask of ['message.edits', 'message.reactions', 'message.readers'] as const)
      await expect(core.dispatch(bob, ask, message)).rejects.toMatchObject({ kind: 'member_inactive' })
    await expect(core.dispatch(bob, 'message.pins', { conversation_id })).rejects.toMatchObject({
      kind: 'member_inactive',
    })
  })
})
