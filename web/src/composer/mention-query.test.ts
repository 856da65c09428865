import { describe, expect, it } from 'vitest'
import { completed, matchingCandidates, mentionQueryAt } from './mention-query.ts'

describe('the mention that is being written', () => {
  it.each<[string, string | undefined]>([
    ['@', ''],
    ['hi @an', 'an'],
    ['你好@李', '李'],
    ['hi @Ann Ic', 'Ann Ic'],
    ['ann@home', undefined],
    ['hi @ ann', undefined],
    ['@Ann Ice and', undefined],
    ['@ann\nnew', undefined],
    ['nothing', undefined],
    ['', undefined],
  ])('in %j is %j', (text, query) => {
    expect(mentionQueryAt(text, text.length)?.query).toBe(query)
  })

  it('is the one in front of the caret', () => {
    expect(mentionQueryAt('@ann and @bob', 3)).toEqual({ from: 0, to: 3, query: 'an' })
  })
})

describe('candidates', () => {
  const all = [
    { id: 'u1', name: 'Bob Ann' },
    { id: 'u2', name: 'Ánna' },
    { id: 'anton', name: 'Toni' },
    { id: 'u4', name: 'Hanna' },
  ]

  it('are those of whom a word or the id begins so, names first', () => {
    expect(matchingCandidates(all, 'an', 8).map((one) => one.name)).toEqual(['Ánna', 'Bob Ann', 'Toni'])
  })

  it('are all of them before anything is written, up to as many as are shown', () => {
    expect(matchingCandidates(all, '', 3)).toHaveLength(3)
  })
})

it('a chosen name is written out with one space behind it', () => {
  expect(completed('hi @an you', { from: 3, to: 6, query: 'an' }, 'Ann Ice')).toEqual({
    text: 'hi @Ann Ice you',
    caret: 12,
  })
})
