import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digitsOf } from './digits.ts'
import { headerLength, mask } from './masked-frame.ts'
import { type Codec, sendTemplate } from './send-template.ts'

function unmasked(frame: Uint8Array): string {
  const length = (frame[1] as number) & 127
  const start = headerLength(Math.min(length, 126))
  const payload = frame.slice(start).map((byte, i) => byte ^ (mask[i & 3] as number))
  return Buffer.from(payload).toString()
}

function parsed(codec: Codec, frame: Uint8Array): { incr: unknown; data: unknown } {
  const outer = JSON.parse(unmasked(frame)) as Record<string, unknown>
  const data =
    codec === 'nexo' ? JSON.parse(Buffer.from(String(outer['data']), 'base64').toString()) : outer['data']
  expect(outer).toMatchObject({ req_identifier: 1003, operation_id: '', send_id: '' })
  return { incr: outer['msg_incr'], data }
}

const targets = fc.oneof(
  fc.record({ recv_id: fc.string({ minLength: 1, maxLength: 20 }) }),
  fc.record({ group_id: fc.integer({ min: 1 }).map(String) }),
)

const codecs: readonly Codec[] = ['nexo.v1', 'nexo']

for (const codec of codecs) {
  test(`${codec}: a stamped copy is the JSON of that very message, and the template stays as it was`, () => {
    fc.assert(
      fc.property(targets, fc.string({ maxLength: 300 }), fc.nat(999_999_999), (target, text, n) => {
        const template = sendTemplate(codec, target, text)
        const copy = Buffer.concat([Buffer.alloc(7), template.frame])
        template.stamp(copy, 7, n)
        expect(parsed(codec, copy.subarray(7))).toEqual({
          incr: digitsOf(n),
          data: {
            client_msg_id: digitsOf(n),
            ...target,
            session_type: 'recv_id' in target ? 1 : 2,
            msg_type: 1,
            content: { text: { text } },
          },
        })
        expect(parsed(codec, template.frame).incr).toBe(digitsOf(0))
      }),
    )
  })
}
