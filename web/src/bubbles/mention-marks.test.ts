import { describe, expect, it } from 'vitest'
import { markMentions, mentionsIn } from './mention-marks.ts'

const people = [
  { id: 'a', name: 'Ann' },
  { id: 'b', name: 'Ann Ice' },
  { id: 'c', name: '小雨' },
  { id: '*', name: 'all' },
]

describe('mentions in a text', () => {
  it.each<[string, string[]]>([
    ['@Ann hello', ['a']],
    ['@Ann Ice hello', ['b']],
    ['(@Ann), @Ann!', ['a']],
    ['@Anna hello', []],
    ['mail ann@Ann', []],
    ['问@小雨一下', ['c']],
    ['@all and @所有人 and @everyone', ['*']],
    ['@ Ann', []],
    ['@@Ann', ['a']],
    ['', []],
  ])('of %j are %j', (text, ids) => {
    expect(mentionsIn(text, people)).toEqual(ids)
  })

  it('cut the text into pieces that are the text again', () => {
    for (const text of ['@Ann, @小雨@all x', '@@@', 'no one', '@Ann Ice@Ann']) {
      expect(
        markMentions(text, people)
          .map((piece) => piece.words)
          .join(''),
      ).toBe(text)
    }
  })
})
