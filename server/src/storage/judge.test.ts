import { describe, expect, it } from 'vitest'
import type { Entry } from '../core/ports.ts'
import { entry, messageAt, putUser } from '../testing/stores/changes.ts'
import { type Ground, judge } from './judge.ts'

/** What stands before a batch: messages up to `head` in every conversation, `known` among them, and no record. */
function ground(head: number, known?: Entry): Ground {
  return {
    record: () => undefined,
    head: () => head,
    twin: (sender, id) => (known?.sender_id === sender && known.client_msg_id === id ? known : undefined),
  }
}

describe('the judge of what servers are given', () => {
  it('takes the next seq, and refuses one that is taken or leaves a gap', () => {
    for (const [seq, why] of [
      [4, undefined],
      [3, 'seq'],
      [5, 'seq'],
    ] as const) {
      const { refused, entries } = judge([messageAt('c', seq)], ground(3))
      expect(refused).toEqual(why === undefined ? [] : [{ change: 0, why }])
      expect(entries).toHaveLength(why === undefined ? 1 : 0)
    }
  })

  it('counts on within a batch, and not for what it refused', () => {
    const stale = [{ kind: 'user', key: ['ann'], version: 7 }] as const
    const changes = [messageAt('c', 1), { ...messageAt('c', 2), expect: stale }, messageAt('c', 2, 'bob')]
    const { refused, entries } = judge(changes, ground(0))
    expect(refused).toEqual([{ change: 1, why: 'expect' }])
    expect(entries.map((e) => [e.seq, e.sender_id])).toEqual([
      [1, 'ann'],
      [2, 'bob'],
    ])
  })

  it('answers a repeat with the stored message, wherever it was to be written', () => {
    const known = entry('c', 1)
    const again = { append: entry('d', 1, { client_msg_id: known.client_msg_id }) }
    expect(judge([again], ground(0, known)).refused).toEqual([{ change: 0, why: 'twin', twin: known }])
  })

  it('refuses what rests on a record that earlier changes of the batch have moved', () => {
    const absent = [{ kind: 'user', key: ['ann'], version: 0 }] as const
    const changes = [putUser('ann'), { ...putUser('ann'), expect: absent }]
    expect(judge(changes, ground(0)).refused).toEqual([{ change: 1, why: 'expect' }])
  })
})
