import { atLeast } from '../figures.ts'
import { type PagesResult, type PageWish, readPages } from '../load/pages.ts'
import { seeded } from '../random.ts'
import { type CallFigures, type CallRow, callRow } from './calls.ts'
import { nodeOf } from './pairs.ts'
import type { Stage } from './stage.ts'
import { ackedAs, type FilledTalks, fillTalks } from './talks.ts'

const pageSizes = [20, 100]
const readers = 16
const warmUp = 0.25
const seed = 1

/** P8: pages at random places of very many messages, warm. */
export async function history(stage: Stage): Promise<CallRow> {
  const wanted = stage.options.messages ?? 1_000_000
  const filled = await fillTalks(stage, wanted, readers)
  const { accounts, talks, messages, rate } = filled
  if (messages <= Math.max(...pageSizes)) throw new Error('--messages: too few for pages of 100')
  const calls: CallFigures[] = []
  const reasons: string[] = []
  for (const size of pageSizes) {
    const seconds = stage.options.seconds ?? 10
    stage.say(`pages of ${size}, ${readers} readers, ${seconds} s`)
    const result = await readPages({
      host: stage.server.host,
      readers: accounts.slice(0, readers).map(({ token }, i) => ({ token, port: nodeOf(stage, i) })),
      seconds,
      warmUp,
      random: seeded(seed),
      choose: chooserOf(filled, size),
    })
    calls.push(figuresOf(size, result))
    if (result.wrong > 0)
      reasons.push(`${result.wrong} of ${result.pages} pages are wrong`, ...result.examples)
    if (result.latency.count === 0) reasons.push(`no page of ${size} came`)
  }
  const size = { messages: messages * talks.length, conversations: talks.length, 'filled a second': rate }
  const figures = [atLeast('pages of 100', calls.at(-1)?.perSecond ?? null, '/s', 2500)]
  return callRow(stage, 'history', { reasons, size, calls, figures })
}

function chooserOf(filled: FilledTalks, count: number): (reader: number, random: () => number) => PageWish {
  const { talks, messages } = filled
  const own = Array.from({ length: readers }, (_, reader) =>
    [...talks.entries()].filter(([, { members }]) => members.includes(reader)),
  )
  return (reader, random) => {
    const mine = own[reader] ?? []
    const [c, talk] = mine[Math.floor(random() * mine.length)] as (typeof mine)[number]
    return {
      conversation: talk.id,
      from: 1 + Math.floor(random() * (messages - count + 1)),
      count,
      text: talk.text,
      expected: (seq) => ackedAs(filled, c, seq),
    }
  }
}

function figuresOf(size: number, { perSecond, latency }: PagesResult): CallFigures {
  return { name: `page of ${size}`, perSecond: Math.round(perSecond), firstMs: null, ...latency }
}
