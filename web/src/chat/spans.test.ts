import { describe, expect, it } from 'vitest'
import { createText } from '../i18n/index.ts'
import { spanWords } from './spans.ts'

describe('a length of time', () => {
  it.each([
    [1, '1 second'],
    [90, '90 seconds'],
    [300, '5 minutes'],
    [3600, '1 hour'],
    [86_400, '1 day'],
    [259_200, '3 days'],
    [604_800, '1 week'],
  ])('of %i s is %s', (seconds, words) => {
    expect(spanWords(seconds, createText('en'))).toBe(words)
  })
})
