import { beforeEach, describe, expect, it } from 'vitest'
import { type Chat, chatOf } from '../../testing/domain/chat.ts'
import { device } from '../../testing/domain/device.ts'

/** Message 1 was said before the newcomer joined, message 2 after it: the edge lies between them. */
let cast: Chat
let group_id: string
let conversation_id: string
beforeEach(async () => {
  cast = await chatOf()
  group_id = await cast.found('olga')
  conversation_id = `sg_${group_id}`
  await cast.send('olga', { group_id }, 'before')
  await cast.act('newcomer', 'group.join', { group_id })
  await cast.send('olga', { group_id }, 'after')
})

describe('the last message before somebody joined', () => {
  it('is in no page and no list of theirs', async () => {
    const paged = await cast.act('newcomer', 'message.pull', { conversation_id, begin_seq: 1 })
    const listed = await cast.act('newcomer', 'message.pull_list', { conversation_id, seq_list: [1, 2] })
    const proven = await cast.act('newcomer', 'message.proofs', { conversation_id, begin_seq: 1 })
    for (const seen of [paged.messages, listed.messages, proven.proofs])
      expect(seen.map((m) => m.seq)).toEqual([2])
  })

  it.each([
    ['message.react', { emoji: '👍' }],
    ['message.reactions', {}],
    ['message.edits', {}],
    ['message.pin', {}],
    ['message.recall', {}],
    ['message.readers', {}],
  ] as const)('is not there for %s', async (name, more) => {
    const input = { conversation_id, seq: 1, ...more }
    expect(await cast.denied('newcomer', name, input as never)).toBe('message_not_found')
  })

  it('can neither be quoted, nor sent on, nor deleted', async () => {
    const content = { quote: { seq: 1, text: 'so true' } }
    const quote = { group_id, client_msg_id: 'q', msg_type: 8, content }
    expect(await cast.denied('newcomer', 'message.send', quote)).toBe('message_not_found')
    const forward = { conversation_id, seqs: [1], recv_id: 'olga', client_msg_id: 'f' }
    expect(await cast.denied('newcomer', 'message.forward', forward)).toBe('message_not_found')
    expect(await cast.denied('newcomer', 'message.delete', { conversation_id, seqs: [1] })).toBe(
      'message_not_found',
    )
  })

  it('changes without a word to them, where a change of the first one they see is told', async () => {
    const theirs = await device(cast.core, 'newcomer')
    const edit = (seq: number) =>
      cast.act('olga', 'message.edit', { conversation_id, seq, content: { text: `edited ${seq}` } })
    await edit(1)
    expect(await theirs.heard()).toEqual([])
    await edit(2)
    expect((await theirs.heard()).map((t) => t.name)).toEqual(['changed'])
  })
})
