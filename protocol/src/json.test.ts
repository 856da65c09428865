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

  it('is readable again however its numbers were written', () => {
    for (const text of ['{"a":1.5e3}', '[1e25]', '{"a":[11111.25, 2E+3]}', '{"a":"1e20, 5e19"}', '[1e-20]']) {
      const value = parseJson(text)
      expect(parseJson(JSON.stringify(value))).toEqual(value)
    }
    for (const text of [
      '[1e20]',
      '{"a": 10E+18}',
      '{"a":11111111111111111111.5}',
      '[-0.25e20]',
      '{"a":1,"b":93e17}',
    ])
      expect(() => parseJson(text), text).toThrow('invalid parameter')
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
