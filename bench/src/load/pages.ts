import { performance } from 'node:perf_hooks'
import { Histogram, type Latency } from '../histogram.ts'
import type { Random } from '../random.ts'
import { readNumber } from '../wire/digits.ts'
import { Link, readBuffer } from '../wire/link.ts'
import { maskedFrame, opcodes } from '../wire/masked-frame.ts'

/** What a page must hold. */
export interface PageWish {
  readonly conversation: string
  readonly from: number
  readonly count: number
  /** Of every message in it. */
  readonly text: string
  /** Of the message with this seq. */
  expected(seq: number): { readonly clientId: string; readonly serverId: number }
}

export interface PagesPlan {
  readonly host: string
  /** One page at a time is asked for by each. */
  readonly readers: readonly { readonly token: string; readonly port: number }[]
  readonly seconds: number
  /** Share of `seconds` that is not measured. */
  readonly warmUp: number
  readonly random: Random
  /** What this reader asks for next. */
  choose(reader: number, random: Random): PageWish
}

export interface PagesResult {
  readonly perSecond: number
  readonly latency: Latency
  readonly pages: number
  readonly wrong: number
  /** The first few, in words. */
  readonly examples: readonly string[]
}

const pull = 1005
const examplesKept = 5

/** Asks for pages over sockets, as the SDK does, and looks at every byte that matters of every one. */
export async function readPages(plan: PagesPlan): Promise<PagesResult> {
  const histogram = new Histogram()
  const examples: string[] = []
  const result = { pages: 0, wrong: 0, measured: 0 }
  const asked: { wish: PageWish; at: number }[] = []
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined)
  let from = Number.POSITIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  const ask = (link: Link): void => {
    const wish = plan.choose(link.index, plan.random)
    asked[link.index] = { wish, at: performance.now() }
    link.socket.write(maskedFrame(Buffer.from(requestOf(wish)), opcodes.text))
  }
  const take = (link: Link, bytes: Uint8Array, start: number, end: number): void => {
    const now = performance.now()
    const { wish, at } = asked[link.index] as { wish: PageWish; at: number }
    const fault = pageFault(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start), wish)
    result.pages += 1
    if (fault !== undefined) {
      result.wrong += 1
      if (examples.length < examplesKept) examples.push(fault)
    }
    if (now >= from && now < to) {
      result.measured += 1
      histogram.record((now - at) * 1000)
    }
    if (now < to) ask(link)
  }
  const shared = readBuffer()
  const links = await Promise.all(
    plan.readers.map(({ token, port }, index) =>
      new Link(index, { host: plan.host, port, token, subprotocol: 'nexo.v1' }, shared, {
        frame: take,
        readEnd: () => undefined,
        lost: (_, reason) => lost.reject(new Error(`a reader was cut off: ${reason}`)),
      }).opened(),
    ),
  )
  const started = performance.now()
  from = started + plan.seconds * plan.warmUp * 1000
  to = started + plan.seconds * 1000
  for (const link of links) ask(link)
  const over = new Promise<void>((resolve) => setTimeout(resolve, plan.seconds * 1000))
  await Promise.race([over, lost.promise]).finally(() => {
    for (const link of links) link.close()
  })
  const perSecond = result.measured / (plan.seconds * (1 - plan.warmUp))
  return { perSecond, latency: histogram.latency(), pages: result.pages, wrong: result.wrong, examples }
}

function requestOf({ conversation, from, count }: PageWish): string {
  const data = { conversation_id: conversation, begin_seq: from, limit: count }
  return JSON.stringify({ req_identifier: pull, msg_incr: '1', operation_id: '', send_id: '', data })
}

/** What is wrong with an answer, or undefined; without parsing it, so that the reader is not what is measured. */
export function pageFault(answer: Buffer, wish: PageWish): string | undefined {
  const where = `${wish.conversation} from ${wish.from}, ${wish.count} messages`
  const find = cursor(answer)
  for (let seq = wish.from; seq < wish.from + wish.count; seq++) {
    const { clientId, serverId } = wish.expected(seq)
    const found = {
      seq: readNumber(answer, find.after('"seq":'), answer.length),
      server_msg_id: readNumber(answer, find.after('"server_msg_id":'), answer.length),
    }
    if (found.seq !== seq || found.server_msg_id !== serverId)
      return `${where}: ${JSON.stringify(found)} in the place of seq ${seq}, id ${serverId}; ${answer.toString().slice(0, 300)}`
    if (find.after('"client_msg_id":"', `${clientId}"`) < 0) return `${where}: seq ${seq} is not ${clientId}`
    if (find.after(wish.text) < 0) return `${where}: seq ${seq} has another text`
  }
  return find.after('"seq":') < 0 ? undefined : `${where}: more messages than asked for`
}

/** Finds each field behind where it was found last: fields of a message stand in any order, messages do not. */
function cursor(bytes: Buffer): { after(field: string, rest?: string): number } {
  const places = new Map<string, number>()
  return {
    /** @param rest what must follow right behind the field */
    after: (field, rest = '') => {
      const at = bytes.indexOf(field, places.get(field) ?? 0)
      if (at < 0) return -1
      const end = at + field.length
      places.set(field, end)
      return bytes.toString('latin1', end, end + rest.length) === rest ? end : -1
    },
  }
}
