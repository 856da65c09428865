import { describe, expect, it } from 'vitest'
import { edited, fitsFrame, outgoing, trimmed } from './outgoing.ts'

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

describe('a message to send', () => {
  it('is a text, or a quote of what it answers', () => {
    expect(outgoing(' hi ', undefined, [])).toEqual({ type: 1, content: { text: { text: ' hi' } } })
    expect(outgoing('hi', { seq: 4 }, ['a'])).toEqual({
      type: 8,
      content: { quote: { seq: 4, text: 'hi' } },
      mentions: ['a'],
    })
  })

  it('that is edited keeps what it quotes, and nothing the server filled in', () => {
    const snapshot = { sender_id: 'a', msg_type: 1, preview: 'x' }
    const quote = { type: 8, content: { quote: { seq: 4, text: 'old', snapshot } } }
    expect(edited(quote, 'new')).toEqual({ quote: { seq: 4, text: 'new' } })
    expect(edited({ type: 1, content: { text: { text: 'old' } } }, 'new')).toEqual({ text: { text: 'new' } })
  })
})
