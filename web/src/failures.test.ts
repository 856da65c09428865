import { ImError } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { explain } from './failures.ts'
import { createText } from './i18n/index.ts'

const text = createText('en')

describe('the words for a failure', () => {
  it('say until when a refusal holds', () => {
    const until = new Date(2020, 4, 3, 14, 5).getTime()
    expect(explain(new ImError('muted', { until }), text)).toBe(
      'You are muted in this group until May 3, 2020, 14:05.',
    )
  })

  it('do without the time where there is none, or no words for it', () => {
    expect(explain(new ImError('muted'), text)).toMatch(/^You are muted in this group\. Wait/)
    expect(explain(new ImError('blocked', { until: 5 }), text)).toBe(
      'This person does not accept this from you.',
    )
  })

  it('never show the text of an unknown error', () => {
    expect(explain(new Error('secret path'), text)).toBe('The server had a problem. Try again in a moment.')
  })
})
