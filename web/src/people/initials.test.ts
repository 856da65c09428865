import { describe, expect, it } from 'vitest'
import { hueOf, initials } from './initials.ts'

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['ann_of_green-gables', 'AG'],
    ['李小龙', '李'],
    ['  李 小龙', '李'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧'],
    ['𝒜da', '𝒜'],
    ['', '?'],
    ['___', '?'],
  ])('of %j are %j', (name, expected) => {
    expect(initials(name)).toBe(expected)
  })
})

describe('the hue of an id', () => {
  it('is the same every time and one of twelve', () => {
    const hues = new Set<number>()
    for (let i = 0; i < 500; i++) {
      expect(hueOf(`user-${i}`)).toBe(hueOf(`user-${i}`))
      hues.add(hueOf(`user-${i}`))
    }
    expect(hues.size).toBe(12)
    expect(Math.max(...hues)).toBeLessThan(360)
  })
})
