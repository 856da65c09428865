import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnswerSink, answerReader, mirrorReader } from './answer-reader.ts'
import { digitsOf } from './digits.ts'
import type { Codec } from './send-template.ts'

type Seen = readonly [string, ...unknown[]]

function collect(): { sink: AnswerSink<undefined>; seen: Seen[] } {
  const seen: Seen[] = []
  const sink: AnswerSink<undefined> = {
    acked: (_, n, seq, id) => seen.push(['acked', n, seq, id]),
    refused: (_, n) => seen.push(['refused', n]),
    pushed: (_, n, seq) => seen.push(['pushed', n, seq]),
    resync: (_, conversations) => seen.push(['resync', conversations]),
    broken: () => seen.push(['broken']),
  }
  return { sink, seen }
}

function frame(codec: Codec, id: number, incr: string, data: unknown, code = 0): string {
  const shown =
    codec === 'nexo' && data !== null ? Buffer.from(JSON.stringify(data)).toString('base64') : data
  const rest = { operation_id: '', err_code: code === 0 ? 0 : 1, err_msg: '', data: shown, code }
  return JSON.stringify({ req_identifier: id, msg_incr: incr, ...rest })
}

function message(n: number, seq: number): Record<string, unknown> {
  const ids = {
    id: 9_007_199_254_740_991 - n,
    conversation_id: 'si_ann:bob',
    seq,
    client_msg_id: digitsOf(n),
  }
  return { ...ids, sender_id: 'ann', recv_id: 'bob', content: { text: { text: 'seq x' } }, send_at: 17e11 }
}

function read(codec: Codec, frames: readonly string[]): Seen[] {
  const { sink, seen } = collect()
  const reader = answerReader<undefined>(codec)
  for (const text of frames) {
    // Somewhere inside a larger read, as in real life.
    const bytes = Buffer.from(`"seq":77${text}"seq":78`)
    reader(sink, undefined, bytes, 8, bytes.length - 8)
  }
  return seen
}

const codecs: readonly Codec[] = ['nexo.v1', 'nexo']

for (const codec of codecs) {
  test(`${codec}: number, seq and server id of every ack are found, whatever their length`, () => {
    const acks = fc.array(
      fc.record({
        n: fc.nat(999_999),
        seq: fc.integer({ min: 1, max: 1e9 }),
        id: fc.integer({ min: 1, max: 2 ** 52 }),
      }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(acks, (all) => {
        const frames = all.map(({ n, seq, id }) =>
          frame(codec, 1003, digitsOf(n), { server_msg_id: id, conversation_id: 'si_a:b', seq, send_at: 1 }),
        )
        expect(read(codec, frames)).toEqual(all.map(({ n, seq, id }) => ['acked', n, seq, id]))
      }),
    )
  })

  test(`${codec}: a push may carry several messages and all are seen in order`, () => {
    const batches = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 })
    fc.assert(
      fc.property(batches, (sizes) => {
        let n = 0
        const expected: Seen[] = []
        const frames = sizes.map((size) => {
          const list = Array.from({ length: size }, () => message(++n, n * 3))
          for (const m of list) expected.push(['pushed', Number(m['client_msg_id']), m['seq']])
          return frame(codec, 2001, '', { msgs: { 'si_ann:bob': list } })
        })
        expect(read(codec, frames)).toEqual(expected)
      }),
    )
  })

  test(`${codec}: a refusal, a resync and a kick are told apart`, () => {
    const frames = [
      frame(codec, 1003, digitsOf(5), null, 1006),
      frame(codec, 3001, '', { conversations: { sg_1: 42 } }, 5004),
      frame(codec, 2002, '', { reason: 'login', platform_id: 5 }),
    ]
    expect(read(codec, frames)).toEqual([['refused', 5], ['resync', { sg_1: 42 }], ['broken']])
  })

  test(`${codec}: an ack without a seq is not an ack`, () => {
    expect(read(codec, [frame(codec, 1003, digitsOf(5), { server_msg_id: 1 })])).toEqual([['broken']])
  })
}

test('events of nexo.v1 that a generator does not count are passed over', () => {
  expect(read('nexo.v1', [frame('nexo.v1', 2007, '', { group: {} })])).toEqual([])
})

test('the ceilings take back their own frame', () => {
  const { sink, seen } = collect()
  const bytes = Buffer.from(`{"req_identifier":1003,"msg_incr":"${digitsOf(31)}"}`)
  mirrorReader<undefined>('ack')(sink, undefined, bytes, 0, bytes.length)
  mirrorReader<undefined>('push')(sink, undefined, bytes, 0, bytes.length)
  expect(seen).toEqual([
    ['acked', 31, 0, 0],
    ['pushed', 31, 0],
  ])
})
