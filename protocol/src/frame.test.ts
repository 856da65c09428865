import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { errors, ImError } from './errors.ts'
import { FrameError, nexoCodec, nexoV1Codec } from './frame.ts'

const text = fc.string({ unit: 'grapheme' })
const json = fc.dictionary(
  text,
  fc.jsonValue({ noUnicodeString: false }).filter((v) => JSON.stringify(v).isWellFormed()),
)
const request = fc
  .record({ id: fc.integer({ min: 1 }), incr: text, operationId: text, sendId: text, data: json })
  // What the wire refuses on purpose: lone surrogates and integers outside int64.
  .filter((r) => !/\\ud[89a-f]|\d{19}/i.test(JSON.stringify(r)))

describe.each([nexoCodec(), nexoV1Codec()])('$name codec', (codec) => {
  test.prop([request])('reads back every request it writes', (frame) => {
    const again = codec.readRequest(codec.writeRequest(frame))
    expect(JSON.stringify(again)).toEqual(JSON.stringify(frame))
  })

  test.prop([request])('reads back every answer it writes, from bytes too', (frame) => {
    const written = codec.writeAnswer(frame, undefined, JSON.stringify(frame.data))
    const { id, incr, operationId, data } = frame
    const read = codec.readAnswer(new TextEncoder().encode(written))
    expect(JSON.stringify(read)).toEqual(
      JSON.stringify({ id, incr, operationId, code: 0, message: '', data }),
    )
  })

  it('writes all seven keys in every answer', () => {
    const to = { id: 1, incr: '', operationId: '', sendId: '', data: undefined }
    for (const written of [
      codec.writeAnswer(to, undefined, 'null'),
      codec.writeAnswer(to, new ImError('not_member'), 'null'),
      codec.writeEvent(3001, '{}', 'push_failed'),
    ]) {
      expect(Object.keys(JSON.parse(written))).toEqual([
        'req_identifier',
        'msg_incr',
        'operation_id',
        'err_code',
        'err_msg',
        'data',
        'code',
      ])
    }
  })

  test.prop([fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array())])(
    'throws nothing but FrameError at nonsense',
    (raw) => {
      try {
        codec.readRequest(raw)
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError)
      }
    },
  )

  it('echoes what could be read of a frame with a lone surrogate in its data, and calls it 1001', () => {
    const inner = '{"text":"\\ud800"}'
    const data = codec.name === 'nexo' ? `"${btoa(inner)}"` : inner
    const frame = `{"req_identifier":1003,"msg_incr":"7","operation_id":"o","data":${data}}`
    const thrown = (() => {
      try {
        return codec.readRequest(frame)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toMatchObject({
      kind: 'invalid_parameter',
      echo: { id: 1003, incr: '7', operationId: 'o' },
    })
  })
})

describe('error table', () => {
  it('gives every code one text, and each door a status', () => {
    const texts = new Map<number, string>()
    for (const row of Object.values(errors)) {
      expect(texts.get(row.code) ?? row.msg).toBe(row.msg)
      texts.set(row.code, row.msg)
      expect([400, 401, 403, 404, 409, 413, 429, 500, 503]).toContain(row.http)
      expect(row.grpc).toBeGreaterThan(0)
      expect(row.grpc).toBeLessThan(17)
    }
  })
})
