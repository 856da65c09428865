import { ImError } from '@nexo-im/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from './sha256.ts'
import { honestLog, type Kept, record, room, type ServedLog, serve } from './testing/served-log.ts'
import { compareLogs, type Difference, type VerifyOptions, verifyConversation } from './verify.ts'

const verify = (log: ServedLog, options: VerifyOptions = { bodies: true }) =>
  verifyConversation(serve(log), room, options)

type Tampering = (records: Kept[], seq: number, more: number) => Partial<Difference> | Partial<Difference>[]

/**
 * Tampers with honest logs of random length at random places, and says what must be found there. Answers how it was not
 * found; undefined when it always was.
 */
async function missed(tamper: Tampering, options?: VerifyOptions): Promise<string | undefined> {
  const places = [fc.integer({ min: 3, max: 230 }), fc.nat(1000), fc.nat(1000)] as const
  const run = fc.asyncProperty(...places, async (length, place, more) => {
    const records = honestLog(length)
    const expected = tamper(records, (place % length) + 1, more)
    const result = await verify({ records, maxSeq: Math.max(length, records.length) }, options)
    const found = result.ok ? result : { seq: result.seq, problem: result.problem }
    expect(Array.isArray(expected) ? expected : [expected]).toContainEqual(found)
  })
  return fc.defaultReportMessage(await fc.check(run, { numRuns: 60 }))
}

const at = (records: readonly Kept[], seq: number): Kept => {
  const found = records[seq - 1]
  if (found === undefined) throw new Error(`the log has no ${seq}`)
  return found
}
const put = (records: Kept[], seq: number, part: 'proof' | 'message', change: object): void => {
  const old = at(records, seq)
  records[seq - 1] = { ...old, [part]: { ...old[part], ...change } }
}
/** One bit of one character, which stays a character that JSON can hold. */
const flip = (text: string, more: number): string => {
  const i = more % text.length
  return text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1)
}

/** Another history from `seq` on, chained as well as the first. */
const rewritten = (records: readonly Kept[], seq: number): Kept[] => {
  const forked = records.slice(0, seq - 1)
  for (let next = seq; next <= records.length; next++)
    forked.push(record(forked.at(-1), next, { content: { text: { text: 'never said' } } }))
  return forked
}

describe('an honest log', () => {
  it('is verified whole, over pages, with the values that fix it', async () => {
    const records = honestLog(250)
    expect(await verify({ records })).toEqual({
      ok: true,
      from: 1,
      to: 250,
      anchor: '',
      head: at(records, 250).proof.chain,
      bodies: 250,
    })
  })

  it('is verified where the user’s view begins', async () => {
    const records = honestLog(30)
    const anchor = at(records, 10).proof.chain
    expect(await verify({ records: records.slice(10), anchor, minSeq: 11 })).toMatchObject({
      ok: true,
      from: 11,
      to: 30,
      anchor,
    })
  })

  it('may be empty', async () => {
    expect(await verify({ records: [] })).toMatchObject({ ok: true, from: 1, to: 0, head: '' })
  })

  it('is verified in parts, each behind the one before it', async () => {
    const records = honestLog(120)
    const first = await verify({ records }, { to: 70 })
    if (!first.ok) throw new Error('an honest log failed')
    const after = { seq: first.to, chain: first.head }
    expect(await verify({ records }, { after })).toMatchObject({
      ok: true,
      from: 71,
      to: 120,
      head: at(records, 120).proof.chain,
    })
  })

  it('stays valid when bodies are recalled, deleted for the reader, or edited', async () => {
    const records = honestLog(9)
    put(records, 2, 'message', { content: {}, gone: { cause: 'recalled', by: 'ann', at: 1 } })
    put(records, 2, 'proof', { salt: '' })
    put(records, 3, 'message', { content: {}, hidden: true })
    put(records, 4, 'message', { content: { text: { text: 'other words' } }, edits: 1 })
    expect(await verify({ records })).toMatchObject({ ok: true, bodies: 6 })
    const edits = new Map([[4, { text: { text: 'line 4' } }]])
    expect(await verify({ records, edits }, { edits: true })).toMatchObject({ ok: true, bodies: 7 })
  })

  it('holds quotes as their senders sent them, without the picture the server adds', async () => {
    const snapshot = { sender_id: 'bob', msg_type: 1, preview: 'line 1' }
    const records = honestLog(3, (seq) =>
      seq === 2 ? { msg_type: 8, content: { quote: { seq: 1, text: 'so', snapshot } } } : {},
    )
    put(records, 2, 'message', {
      content: { quote: { seq: 1, text: 'so', snapshot: { ...snapshot, gone: true } } },
    })
    expect(await verify({ records })).toMatchObject({ ok: true, bodies: 3 })
  })
})

describe('tampering is caught and located', () => {
  it('when a message was deleted', async () => {
    expect(
      await missed((records, seq) => {
        records.splice(seq - 1, 1)
        return { seq, problem: 'gap' }
      }, {}),
    ).toBeUndefined()
  })

  it('when two were swapped', async () => {
    expect(
      await missed((records, place) => {
        const seq = Math.min(place, records.length - 1)
        records.splice(seq - 1, 2, at(records, seq + 1), at(records, seq))
        // Across a page the other one is not in sight.
        return [
          { seq, problem: 'order' },
          { seq, problem: 'gap' },
        ]
      }, {}),
    ).toBeUndefined()
  })

  it('when two were swapped and numbered anew', async () => {
    expect(
      await missed((records, place) => {
        const seq = Math.min(place, records.length - 1)
        const [one, two] = [at(records, seq).proof, at(records, seq + 1).proof]
        put(records, seq, 'proof', { ...two, seq })
        put(records, seq + 1, 'proof', { ...one, seq: seq + 1 })
        return { seq, problem: 'chain' }
      }, {}),
    ).toBeUndefined()
  })

  it('when one was played again', async () => {
    expect(
      await missed((records, seq, more) => {
        const behind = seq + (more % (records.length - seq + 1))
        records.splice(behind, 0, at(records, seq))
        return { seq: behind + 1, problem: 'repeat' }
      }, {}),
    ).toBeUndefined()
  })

  it('when one was played again as a new one, with everything behind it chained anew', async () => {
    expect(
      await missed((records, place) => {
        const seq = Math.min(place, records.length - 1)
        const { client_msg_id, sender_id } = at(records, seq).message
        for (let next = seq + 1; next <= records.length; next++) {
          const said = next === seq + 1 ? { client_msg_id, sender_id } : {}
          records[next - 1] = record(records[next - 2], next, said)
        }
        return { seq: seq + 1, problem: 'repeat' }
      }, {}),
    ).toBeUndefined()
  })

  it('when the history was written anew from some point on, by the next head that was acked', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: 230 }), fc.nat(1000), fc.nat(1000), async (length, a, b) => {
        const honest = honestLog(length)
        const seq = (a % length) + 1
        const forked = rewritten(honest, seq)
        const acked = (b % length) + 1
        const known = [{ seq: acked, chain: at(honest, acked).proof.chain }]
        const result = await verify({ records: forked }, { known })
        expect(result).toMatchObject(acked < seq ? { ok: true } : { seq: acked, problem: 'fork' })
      }),
      { numRuns: 60 },
    ))

  it.each(['digest', 'chain', 'sender_id', 'client_msg_id'] as const)(
    'when one bit of the %s of a proof was flipped',
    async (field) => {
      expect(
        await missed((records, seq, more) => {
          put(records, seq, 'proof', { [field]: flip(at(records, seq).proof[field], more) })
          return { seq, problem: 'chain' }
        }, {}),
      ).toBeUndefined()
    },
  )

  it.each(['send_at', 'id', 'msg_type'] as const)(
    'when one bit of the %s of a proof was flipped',
    async (field) => {
      expect(
        await missed((records, seq, more) => {
          put(records, seq, 'proof', { [field]: at(records, seq).proof[field] ^ (1 << (more % 8)) })
          return { seq, problem: 'chain' }
        }, {}),
      ).toBeUndefined()
    },
  )

  it('when one bit of a body was flipped', async () => {
    expect(
      await missed((records, seq, more) => {
        const text = flip(at(records, seq).message.content.text?.text ?? '', more)
        put(records, seq, 'message', { content: { text: { text } } })
        return { seq, problem: 'digest' }
      }),
    ).toBeUndefined()
  })

  it('when one bit of a digest was flipped, though the body is sound', async () => {
    expect(
      await missed((records, seq, more) => {
        put(records, seq, 'proof', { digest: flip(at(records, seq).proof.digest, more) })
        return { seq, problem: 'digest' }
      }),
    ).toBeUndefined()
  })

  it.each([
    ['sender', { sender_id: 'eve' }],
    ['time', { send_at: 5 }],
  ])('when a message is shown with another %s than its proof vouches for', async (_, change) => {
    expect(
      await missed((records, seq) => {
        put(records, seq, 'message', change)
        return { seq, problem: 'digest' }
      }),
    ).toBeUndefined()
  })

  it('when the first version of an edited message was changed', async () => {
    const records = honestLog(9)
    put(records, 4, 'message', { content: { text: { text: 'other words' } }, edits: 1 })
    const edits = new Map([[4, { text: { text: 'line five' } }]])
    expect(await verify({ records, edits }, { edits: true })).toMatchObject({ seq: 4, problem: 'digest' })
  })

  it('when the newest messages are kept back from somebody who knows of them', async () => {
    const records = honestLog(20)
    const after = { seq: 15, chain: at(records, 15).proof.chain }
    expect(await verify({ records: records.slice(0, 12) }, { after })).toMatchObject({
      seq: 13,
      problem: 'gap',
    })
  })

  it('when the log behind an earlier verification is another one', async () => {
    const after = { seq: 15, chain: sha256('another history') }
    expect(await verify({ records: honestLog(20) }, { after })).toMatchObject({ seq: 15, problem: 'fork' })
  })
})

describe('two readers', () => {
  const read = (records: readonly Kept[], from: number, to: number) => ({
    anchor: records[from - 2]?.proof.chain ?? '',
    proofs: records.slice(from - 1, to).map((r) => r.proof),
  })

  it('of one log agree, whatever their windows are', async () => {
    const records = honestLog(50)
    const keep = await verify({ records }, { keep: true })
    if (!keep.ok) throw new Error('an honest log failed')
    const whole = { anchor: keep.anchor, proofs: keep.proofs ?? [] }
    expect(compareLogs(whole, read(records, 20, 40))).toEqual({ ok: true, compared: 22 })
    expect(compareLogs(read(records, 1, 20), read(records, 21, 50))).toEqual({ ok: true, compared: 1 })
    expect(compareLogs(read(records, 1, 10), read(records, 21, 50))).toEqual({ ok: true, compared: 0 })
  })

  it('of a forked log are told where it forks', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(1000), fc.nat(1000), (length, a, b) => {
        const records = honestLog(length)
        const seq = (a % length) + 1
        const forked = rewritten(records, seq)
        // The other reader came later, but before the fork.
        const from = (b % seq) + 1
        expect(compareLogs(read(records, 1, length), read(forked, from, length))).toMatchObject({
          seq,
          problem: 'fork',
        })
      }),
    ))
})

it('rejects when the server cannot be asked, as nothing is proved then', async () => {
  const call = () => Promise.reject(new ImError('no_permission'))
  await expect(verifyConversation(call, room)).rejects.toMatchObject({ kind: 'no_permission' })
})

it('has the SHA-256 of the standard', () => {
  expect(sha256('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  expect(sha256('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
})
