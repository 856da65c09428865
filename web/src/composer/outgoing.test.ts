import { describe, expect, it } from 'vitest'
import { fitsFrame, trimmed } from './outgoing.ts'

describe('outgoing text', () => {
  it.each([
    ['\n \n  code\n\n  more\n\n', '  code\n\n  more'],
    ['hi ', 'hi'],
    [' \n ', ''],
    ['', ''],
  ])('%j is sent as %j', (written, sent) => {
    expect(trimmed(written)).toBe(sent)
  })

  it('fits a frame by the bytes of its JSON', () => {
    expect(fitsFrame('a'.repeat(49_000))).toBe(true)
    expect(fitsFrame('a'.repeat(50_001))).toBe(false)
    expect(fitsFrame('李'.repeat(16_000))).toBe(true)
    expect(fitsFrame('李'.repeat(17_000))).toBe(false)
    expect(fitsFrame('\n'.repeat(26_000))).toBe(false)
  })
})
