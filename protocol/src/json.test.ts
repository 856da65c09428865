import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, parseJson } from './json.ts'

describe('JSON from outside', () => {
  test.prop([fc.json()])('is read as JSON.parse reads it', (text) => {
    fc.pre(!/\\ud[89a-f]/i.test(text) && text.isWellFormed() && !/\d{19}/.test(text))
    expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  it('may hold any int64 and nothing beyond', () => {
    expect(parseJson('{"a":9223372036854775807}')).toEqual({ a: 2 ** 63 })
    expect(parseJson('[-9223372036854775808]')).toEqual([-(2 ** 63)])
    expect(parseJson('{"a":"99999999999999999999"}')).toEqual({ a: '99999999999999999999' })
    for (const text of [
      '[9223372036854775808]',
      '{"a":{"b":[-9223372036854775809]}}',
      '[99999999999999999999999999]',
    ]) {
      expect(() => parseJson(text)).toThrow('invalid parameter')
    }
  })

  it.each(['"\\ud800"', '{"\\udfff":1}', '["a",["\\ud83d"]]'])(
    'with a lone surrogate is refused: %s',
    (text) => {
      expect(() => parseJson(text)).toThrow('invalid parameter')
      expect(parseJson('"\\ud83d\\ude00"')).toBe('😀')
    },
  )

  it('in bytes must be UTF-8', () => {
    expect(() => decodeUtf8(new Uint8Array([0xff]))).toThrow('invalid parameter')
    expect(() => decodeUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toThrow('invalid parameter')
  })
})
