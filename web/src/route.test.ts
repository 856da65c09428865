import { describe, expect, it } from 'vitest'
import { addressOf, conversationOf } from './route.ts'

describe('the address of a conversation', () => {
  it.each(['si_ann:bob', 'sg_12', 'si_a/b:c d', 'si_李:𝒜#?&%'])('leads back to %j', (id) => {
    expect(conversationOf(addressOf(id))).toBe(id)
  })

  it.each(['', '#/', '#/c/', '#/c/%E0%A4%A', '#other'])('%j names no conversation', (hash) => {
    expect(conversationOf(hash)).toBeUndefined()
  })
})
