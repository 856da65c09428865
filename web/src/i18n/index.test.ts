import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { createText } from './index.ts'
import { zh } from './zh.ts'

const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted()

describe('dictionaries', () => {
  it('have the same keys', () => {
    expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted())
  })

  it('have no empty text and fill the same holes', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(zh[key].trim(), key).not.toBe('')
      expect(en[key].trim(), key).not.toBe('')
      expect(holes(zh[key]), key).toEqual(holes(en[key]))
    }
  })

  it('have both plural forms of every counted text', () => {
    const stems = Object.keys(en)
      .filter((key) => key.endsWith('.one'))
      .map((key) => key.slice(0, -4))
    expect(stems.length).toBeGreaterThan(0)
    for (const stem of stems) expect(en, stem).toHaveProperty([`${stem}.other`])
  })
})

describe('a text', () => {
  it('fills its holes once and leaves braces of the values alone', () => {
    expect(createText('en')('list.noMatch', { query: '{query}' })).toBe('Nothing matches “{query}”.')
  })

  it('chooses the plural form of the language', () => {
    expect(createText('en').count('chat.members', 1)).toBe('1 member')
    expect(createText('en').count('chat.members', 1200)).toBe('1,200 members')
    expect(createText('zh').count('chat.members', 1)).toBe('1 位成员')
  })
})
