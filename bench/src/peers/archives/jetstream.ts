import { randomBytes } from 'node:crypto'
import type { SentColumns } from '../../load/plan.ts'
import type { ReadBack } from '../../scenarios/read-back.ts'
import { digits } from '../../wire/digits.ts'
import { readBuffer } from '../../wire/link.ts'
import { type NatsSpeech, partnerOf } from '../dialects/dialect.ts'
import { connectNats, flushed } from '../dialects/nats.ts'
import { type Lane, textOf } from '../wire/lane.ts'
import { numberOf } from '../wire/number.ts'
import { isMessage } from '../wire/operations.ts'
import { type ArchiveJudge, archiveJudge } from './judge.ts'

const stream = 'PAIRS'
const everything = 'everything'

/** A file stream that keeps whatever is written to anybody. */
export function createStream(speech: NatsSpeech): Promise<void> {
  return withApi(speech, async (api) => {
    await api(`STREAM.CREATE.${stream}`, {
      name: stream,
      subjects: ['pair.*'],
      storage: 'file',
      num_replicas: 1,
    })
  })
}

/** Reads the whole stream by a consumer that needs no confirmations. */
export async function readStream(speech: NatsSpeech, sent: SentColumns): Promise<ReadBack> {
  const judge = archiveJudge(sent, speech.text)
  const lane = await connectNats(speech, 0, readBuffer())
  try {
    lane.write(`SUB ${everything} 1\r\n`)
    await flushed(lane)
    await withApi(speech, async (api) => {
      const { state } = (await api(`STREAM.INFO.${stream}`, {})) as { state: { messages: number } }
      const arrived = judgeAll(lane, judge, state.messages)
      const config = { deliver_subject: everything, ack_policy: 'none', deliver_policy: 'all' }
      await api(`CONSUMER.CREATE.${stream}`, { stream_name: stream, config })
      await arrived
    })
    return judge.verdict()
  } finally {
    lane.close()
  }
}

/** Resolves when so many messages have come. */
function judgeAll(lane: Lane, judge: ArchiveJudge, count: number): Promise<void> {
  let left = count
  return new Promise((resolve, reject) => {
    if (left === 0) resolve()
    lane.serve({
      readBegin: () => undefined,
      unit: (bytes, start, end) => {
        if (!isMessage(bytes, start)) return
        const { subject, payload } = messageIn(textOf(bytes, start, end))
        const receiver = Number(/^pair\.(\d+)$/.exec(subject)?.[1] ?? Number.NaN)
        const n = numberOf(payload.slice(0, digits))
        judge.see({ n, sender: partnerOf(receiver), text: payload.slice(digits) }, receiver)
        left -= 1
        if (left === 0) resolve()
      },
      readEnd: () => undefined,
      lost: (reason) => reject(new Error(`the stream could not be read: ${reason}`)),
    })
  })
}

/** Asks JetStream one thing; rejects with its error. */
type Api = (subject: string, request: object) => Promise<unknown>

async function withApi<T>(speech: NatsSpeech, work: (api: Api) => Promise<T>): Promise<T> {
  const lane = await connectNats(speech, 0, readBuffer())
  const inbox = `answer.${randomBytes(6).toString('hex')}`
  try {
    lane.write(`SUB ${inbox} 1\r\n`)
    return await work(async (subject, request) => {
      const body = JSON.stringify(request)
      lane.write(`PUB $JS.API.${subject} ${inbox} ${Buffer.byteLength(body)}\r\n${body}\r\n`)
      const { payload } = messageIn(await lane.until((unit) => unit.startsWith('MSG ')))
      const answer = JSON.parse(payload) as { error?: { description: string } }
      if (answer.error !== undefined) throw new Error(`${subject}: ${answer.error.description}`)
      return answer
    })
  } finally {
    lane.close()
  }
}

/** Subject and payload of a whole MSG operation. */
function messageIn(operation: string): { readonly subject: string; readonly payload: string } {
  const line = operation.indexOf('\r\n')
  return {
    subject: operation.slice(0, line).split(' ')[1] ?? '',
    payload: operation.slice(line + 2, -2),
  }
}
