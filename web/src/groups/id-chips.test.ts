import { describe, expect, it } from 'vitest'
import { idsIn } from './id-chips.tsx'

describe('ids in a pasted text', () => {
  it.each([
    ['ann', ['ann']],
    [' ann, bob;carl\ndora ', ['ann', 'bob', 'carl', 'dora']],
    ['ann lee, bob', ['ann lee', 'bob']],
    ['李雷，韩梅梅；李雷', ['李雷', '韩梅梅']],
    [' ,;', []],
  ])('%j are %j', (text, ids) => {
    expect(idsIn(text)).toEqual(ids)
  })
})
