import { describe, expect, it } from 'vitest'
import { emojiGroups, findEmoji, quickReactions } from './emoji-list.ts'

describe('the emoji', () => {
  it('are single signs with names in both languages, and a reaction holds each', () => {
    const single = /^\p{RGI_Emoji}$/v
    for (const { sign, words } of emojiGroups.flatMap(({ list }) => list)) {
      expect(sign, sign).toMatch(single)
      expect(sign.length).toBeLessThanOrEqual(32)
      expect(words.en, sign).not.toBe('')
      expect(words.zh, sign).toMatch(/\p{Script=Han}/u)
    }
  })

  it('are found by words of both languages, each once', () => {
    expect(findEmoji('dog').map((one) => one.sign)).toEqual(['🐶'])
    expect(findEmoji('狗').map((one) => one.sign)).toContain('🐶')
    expect(findEmoji(' HEART ').filter((one) => one.sign === '❤️')).toHaveLength(1)
    expect(findEmoji('xyzzy')).toEqual([])
  })

  it('hold every quick reaction', () => {
    for (const sign of quickReactions) expect(findEmoji(sign), sign).toHaveLength(1)
  })
})
