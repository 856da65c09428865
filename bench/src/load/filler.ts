import { performance } from 'node:perf_hooks'
import { answerReader } from '../wire/answer-reader.ts'
import { Link, readBuffer } from '../wire/link.ts'
import { type SendTemplate, sendTemplate, type Target } from '../wire/send-template.ts'

/** A conversation that one of its members fills. */
export interface FilledConversation {
  readonly target: Target
  /** Index of the person who writes. */
  readonly writer: number
  readonly text: string
}

export interface FillPlan {
  readonly host: string
  readonly people: readonly { readonly token: string; readonly port: number }[]
  readonly conversations: readonly FilledConversation[]
  /** Of each conversation. */
  readonly messages: number
}

export interface Filled {
  readonly seconds: number
  /** Of message k (from 0) of conversation c at `k * conversations + c`, its client id as a number too. */
  readonly serverIds: Float64Array
}

/** Messages on the way for each person: large, because only the whole matters here. */
const inFlight = 64

/** Sends all messages; rejects with the first that is refused or does not get the seq that is its turn. */
export async function fill(plan: FillPlan): Promise<Filled> {
  const { conversations, messages } = plan
  const total = conversations.length * messages
  const serverIds = new Float64Array(total)
  const finished = Promise.withResolvers<void>()
  const fail = (what: string): void => finished.reject(new Error(`filling: ${what}`))
  let acked = 0
  const sink = {
    acked: (link: Link, n: number, seq: number, serverId: number) => {
      if (seq !== Math.floor(n / conversations.length) + 1) return fail(`message ${n} got seq ${seq}`)
      serverIds[n] = serverId
      link.credit += 1
      acked += 1
      if (acked === total) finished.resolve()
    },
    refused: (_: Link, n: number, frame: string) => fail(`message ${n} was refused: ${frame}`),
    pushed: () => undefined,
    resync: () => undefined,
    broken: (_: Link, frame: string) => fail(`not expected: ${frame}`),
  }
  const reader = answerReader<Link>('nexo.v1')
  const shared = readBuffer()
  const works = plan.people.map((_, person) => workOf(plan, person))
  const go = (link: Link): void => {
    const frames: Buffer[] = []
    for (; link.credit > 0; link.credit--) {
      const frame = works[link.index]?.next().value
      if (frame === undefined) break
      frames.push(frame)
    }
    if (frames.length > 0) link.socket.write(Buffer.concat(frames))
  }
  const links = await Promise.all(
    plan.people.map(({ token, port }, index) =>
      new Link(index, { host: plan.host, port, token, subprotocol: 'nexo.v1' }, shared, {
        frame: (link, bytes, start, end) => reader(sink, link, bytes, start, end),
        readEnd: go,
        lost: (link, reason) => fail(`connection ${link.index} was lost: ${reason}`),
      }).opened(),
    ),
  )
  const started = performance.now()
  for (const link of links) {
    link.credit = inFlight
    go(link)
  }
  await finished.promise.finally(() => {
    for (const link of links) link.close()
  })
  return { seconds: (performance.now() - started) / 1000, serverIds }
}

/** The frames of one person: a message in each of their conversations, again and again. */
function* workOf(
  { conversations, messages }: FillPlan,
  person: number,
): Generator<Buffer, undefined, undefined> {
  const own: (readonly [number, SendTemplate])[] = []
  for (const [c, { writer, target, text }] of conversations.entries())
    if (writer === person) own.push([c, sendTemplate('nexo.v1', target, text)])
  for (let k = 0; k < messages; k++) {
    for (const [c, template] of own) {
      const frame = Buffer.from(template.frame)
      template.stamp(frame, 0, k * conversations.length + c)
      yield frame
    }
  }
}
