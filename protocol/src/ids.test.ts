import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { compareIds, isUserId, parseConversationId, peerOf, singleConversationId } from './ids.ts'

const userId = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isUserId)

describe('conversation id', () => {
  test.prop([userId, userId])('of a single chat is the same from both sides and names both', (a, b) => {
    const id = singleConversationId(a, b)
    expect(singleConversationId(b, a)).toBe(id)
    const ref = parseConversationId(id)
    expect(ref?.type === 'single' && [...ref.users].sort()).toEqual([a, b].sort())
    expect(ref?.type === 'single' && peerOf(ref.users, a)).toBe(b)
  })

  it.each(['', 'si_', 'si_a', 'si_b:a', 'si_:a', 'si_a:', 'si_a:b:c', 'sg_', 'xx_1'])(
    '%j is none of ours',
    (id) => {
      expect(parseConversationId(id)).toBeUndefined()
    },
  )
})

test.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
  'ids are ordered as their UTF-8 bytes are',
  (a, b) => {
    fc.pre(a.isWellFormed() && b.isWellFormed())
    const encoder = new TextEncoder()
    expect(Math.sign(compareIds(a, b))).toBe(Math.sign(Buffer.compare(encoder.encode(a), encoder.encode(b))))
  },
)

it.each(['', ' a', 'a ', 'a:b', 'a\n', '\u0000', '\ud800', '\t'])('%j is no user id', (id) => {
  expect(isUserId(id)).toBe(false)
})
