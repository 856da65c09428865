import { type Filled, type FilledConversation, fill } from '../load/filler.ts'
import { type PagesResult, type PageWish, readPages } from '../load/pages.ts'
import { seeded } from '../random.ts'
import { digitsOf } from '../wire/digits.ts'
import { type Account, openAccounts, singleChat } from './accounts.ts'
import { type CallFigures, type CallRow, callRow } from './calls.ts'
import { nodeOf, text } from './pairs.ts'
import type { Stage } from './stage.ts'

const pageSizes = [20, 100]
const readers = 16
const warmUp = 0.25
const seed = 1

interface Talk extends FilledConversation {
  readonly id: string
  /** Indexes of both. */
  readonly members: readonly [number, number]
}

/** P8: pages at random places of very many messages, warm. */
export async function history(stage: Stage): Promise<CallRow> {
  const count = stage.options.conversations ?? 1000
  const messages = Math.ceil((stage.options.messages ?? 1_000_000) / count)
  if (messages <= Math.max(...pageSizes)) throw new Error('--messages: too few for pages of 100')
  const accounts = await openAccounts(stage, peopleFor(count))
  const talks = talksOf(accounts, count)
  const people = accounts.map(({ token }, i) => ({ token, port: nodeOf(stage, i) }))
  const { host } = stage.server
  stage.say(`filling ${count} conversations with ${messages} messages each`)
  const filled = await fill({ host, people, conversations: talks, messages })
  const rate = Math.round((messages * count) / filled.seconds)
  stage.say(`filled in ${filled.seconds.toFixed(1)} s, ${rate} a second`)
  const calls: CallFigures[] = []
  const reasons: string[] = []
  for (const size of pageSizes) {
    const seconds = stage.options.seconds ?? 10
    stage.say(`pages of ${size}, ${readers} readers, ${seconds} s`)
    const choose = chooserOf(talks, filled, messages, size)
    const random = seeded(seed)
    const result = await readPages({
      host,
      readers: people.slice(0, readers),
      seconds,
      warmUp,
      random,
      choose,
    })
    calls.push(figuresOf(size, result))
    if (result.wrong > 0)
      reasons.push(`${result.wrong} of ${result.pages} pages are wrong`, ...result.examples)
    if (result.latency.count === 0) reasons.push(`no page of ${size} came`)
  }
  const size = { messages: messages * count, conversations: count, 'filled a second': rate }
  return callRow(stage, 'history', reasons, size, calls)
}

/** So few that any two of them make one of the conversations: registering costs more than filling. */
function peopleFor(conversations: number): number {
  let people = Math.max(2, readers)
  while ((people * (people - 1)) / 2 < conversations) people += 1
  return people
}

function talksOf(accounts: readonly Account[], count: number): Talk[] {
  const talks: Talk[] = []
  for (let a = 0; a < accounts.length; a++) {
    for (let b = a + 1; b < accounts.length && talks.length < count; b++) {
      const writer = (a + b) % 2 === 0 ? a : b
      const other = accounts[writer === a ? b : a] as Account
      const id = singleChat((accounts[a] as Account).userId, (accounts[b] as Account).userId)
      const words = `${id} ${text}`.slice(0, text.length)
      talks.push({ id, writer, members: [a, b], target: { recv_id: other.userId }, text: words })
    }
  }
  return talks
}

function chooserOf(
  talks: readonly Talk[],
  { serverIds }: Filled,
  messages: number,
  count: number,
): (reader: number, random: () => number) => PageWish {
  const own = Array.from({ length: readers }, (_, reader) =>
    [...talks.entries()].filter(([, { members }]) => members.includes(reader)),
  )
  return (reader, random) => {
    const mine = own[reader] ?? []
    const [c, talk] = mine[Math.floor(random() * mine.length)] as [number, Talk]
    return {
      conversation: talk.id,
      from: 1 + Math.floor(random() * (messages - count + 1)),
      count,
      text: talk.text,
      expected: (seq) => {
        const n = (seq - 1) * talks.length + c
        return { clientId: digitsOf(n), serverId: serverIds[n] as number }
      },
    }
  }
}

function figuresOf(size: number, { perSecond, latency }: PagesResult): CallFigures {
  return { name: `page of ${size}`, perSecond: Math.round(perSecond), firstMs: null, ...latency }
}
