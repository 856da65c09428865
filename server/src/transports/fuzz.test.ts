import { fc, test } from '@fast-check/vitest'
import {
  type ErrorName,
  errors,
  nexoCodec,
  type Operation,
  type OperationName,
  operationNames,
  operations,
} from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Harness, startHarness } from '../testing/harness.ts'
import { type Person, type Socket, signUp } from '../testing/wire.ts'

/** Every operation and both codecs against structured nonsense: a clear error, no 5xx, nothing changed, still alive. */
const logged: string[] = []
let server: Harness
let ann: Person
let classic: Socket
let modern: Socket
beforeAll(async () => {
  const keep = (fields: object, message: string): void =>
    void logged.push(`${JSON.stringify(fields)} ${message}`)
  const log = { debug: keep, info: keep, warn: keep, error: keep }
  server = await startHarness({
    log,
    config: { 'limits.sends_per_minute': 1e9, 'limits.failed_logins_per_minute': 1e9 },
  })
  ann = await signUp(server.url, 'ann')
  await signUp(server.url, 'bob')
  classic = await ann.socket('nexo')
  modern = await ann.socket('nexo.v1')
})
afterAll(async () => {
  await Promise.all([classic.close(), modern.close()])
  await server.stop()
})

const hostile = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '\u202e',
  '👨‍👩‍👧',
  '\ud800',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '%',
  '../..',
  'si_ann:bob',
  'sg_1',
  'ann',
  'bob',
  'x'.repeat(70_000),
  '9223372036854775808',
  '{"$ne":null}',
  '-1',
  'null',
  'true',
)
const scalar = fc.oneof(
  hostile,
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 53, 2 ** 63, -(2 ** 63), 1e300, 0.5),
)
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.dictionary(hostile, scalar, { maxKeys: 4 }) },
  { weight: 1, arbitrary: fc.anything({ maxDepth: 3 }).filter((v) => JSON.stringify(v) !== undefined) },
)
const contentKeys = [
  'text',
  'image',
  'video',
  'audio',
  'file',
  'location',
  'card',
  'quote',
  'custom',
  'image_url',
  'custom_data',
]
const content = fc.dictionary(fc.constantFrom(...contentKeys), value, { maxKeys: 3 })

function inputOf(name: (typeof operationNames)[number]): fc.Arbitrary<unknown> {
  const fields = Object.keys(operations[name].input.properties)
  const shaped = fc.record(
    Object.fromEntries(fields.map((f) => [f, f === 'content' ? fc.oneof(content, value) : value])),
    { requiredKeys: [] },
  )
  return fc.oneof({ weight: 5, arbitrary: shaped }, { weight: 1, arbitrary: value })
}

/** What any operation may answer; beyond it only what its entry in the contract declares. */
const always: readonly ErrorName[] = [
  'invalid_parameter',
  'too_many_requests',
  'invalid_protocol',
  'conflict',
  'unavailable',
]
const knownOf = (name: OperationName): ReadonlySet<number> => {
  const { errors: declared }: Operation = operations[name]
  return new Set([0, ...[...always, ...declared].map((kind) => errors[kind].code)])
}

const fuzzed = operationNames.filter((n) => n !== 'auth.logout')

describe('HTTP', () => {
  for (const name of fuzzed) {
    const operation: Operation = operations[name]
    for (const route of operation.routes) {
      test.prop([inputOf(name)], { numRuns: 40 })(
        `${route.method} ${route.path} never fails on our side`,
        async (input) => {
          const isGet = route.method === 'GET'
          const pairs = isGet && typeof input === 'object' && input !== null ? Object.entries(input) : []
          const query = pairs.map(
            ([k, v]) => `${encodeURIComponent(safe(k))}=${encodeURIComponent(safe(shown(v).slice(0, 4000)))}`,
          )
          const path = route.path.replace(
            ':user_id',
            encodeURIComponent(safe(shown(input).slice(0, 200)) || 'x'),
          )
          const answer = await fetch(`${server.url}${path}${isGet ? `?${query.join('&')}` : ''}`, {
            method: route.method,
            headers: { Authorization: `Bearer ${ann.token}`, 'Content-Type': 'application/json' },
            ...(!isGet && { body: JSON.stringify(input) }),
          })
          const body = (await answer.json()) as { code: number }
          expect(answer.status).toBeLessThan(500)
          expect(Object.keys(body)).toEqual(['code', 'msg', 'data'])
          expect(knownOf(name)).toContain(body.code)
        },
      )
    }
  }
})

/** Objects without a prototype have no text of their own. */
const shown = (v: unknown): string => (typeof v === 'string' ? v : (JSON.stringify(v) ?? ''))

/** encodeURIComponent throws on lone surrogates, which a URL cannot carry anyway. */
const safe = (text: string): string => text.toWellFormed()

describe('frames', () => {
  for (const name of fuzzed) {
    const { frame } = operations[name] as Operation
    if (frame === undefined) continue
    test.prop([inputOf(name).filter(fits)], { numRuns: 40 })(
      `${frame} ${name} is answered and keeps the socket open`,
      async (input) => {
        const answers = [modern.ask(frame, input), classic.ask(frame, input)]
        for (const answer of await Promise.all(answers)) expect(knownOf(name)).toContain(answer.code)
        expect([modern.raw.readyState, classic.raw.readyState]).toEqual([1, 1])
      },
    )
  }

  test.prop(
    [
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json(),
        fc
          .constant(nexoCodec().writeRequest({ id: 1003, incr: '', operationId: '', sendId: '', data: {} }))
          .chain(mutated),
      ),
    ],
    { numRuns: 300 },
  )('of any text are answered with one frame', async (raw) => {
    for (const socket of [modern, classic]) {
      const before = socket.seen.length
      socket.write(socket === classic ? Buffer.from(raw) : raw.toWellFormed())
      // Answers leave in order: what came before the marker's answer is the answer to the nonsense.
      await socket.ask(1006, { conversation_id: 'si_ann:bob' })
      expect(socket.seen.slice(before).filter((f) => f.id < 2000 || f.id > 3001)).toHaveLength(2)
    }
  })
})

/** A larger frame is closed with 1009, which has its own test. */
const fits = (input: unknown): boolean => Buffer.byteLength(JSON.stringify(input) ?? '') < 35_000

function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }))
    .map(([at, junk]) => text.slice(0, at) + junk + text.slice(at + 1))
}

const canary = 'nobody may find this text in a log'

describe('after all that', () => {
  test('a message may still be sent and read', async () => {
    expect((await ann.send({ recv_id: 'bob' }, canary)).code).toBe(0)
    const bad = await ann.post('/msg/send', {
      client_msg_id: 'bad',
      recv_id: 7,
      msg_type: 1,
      content: { text: canary },
    })
    expect(bad.code).toBe(1001)
  })

  test('nobody’s prototype was changed and no secret, token or message body was logged', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    const all = logged.join('\n')
    expect(all).not.toContain(ann.token)
    expect(all).not.toContain('secret of ann')
    expect(all).not.toContain(canary)
    expect(logged.filter((l) => l.includes('request failed'))).toEqual([])
  })
})
