import { describe, expect, it } from 'vitest'
import { addressOf, conversationOf, invitationOf } from './route.ts'

describe('the address of a conversation', () => {
  it.each(['si_ann:bob', 'sg_12', 'si_a/b:c d', 'si_李:𝒜#?&%'])('leads back to %j', (id) => {
    expect(conversationOf(addressOf(id))).toBe(id)
  })

  it.each(['', '#/', '#/c/', '#/c/%E0%A4%A', '#other'])('%j names no conversation', (hash) => {
    expect(conversationOf(hash)).toBeUndefined()
  })
})

describe('the address of an invitation', () => {
  it.each([
    ['#/join/tok-1_x', 'tok-1_x'],
    ['#/join/a%2Fb', 'a/b'],
    ['#/join/', undefined],
    ['#/join/%E0%A4%A', undefined],
    ['#/c/sg_1', undefined],
  ])('%j names %j', (hash, token) => {
    expect(invitationOf(hash)).toBe(token)
  })
})
