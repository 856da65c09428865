import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram, type Latency } from '../histogram.ts'
import { inParallel } from '../parallel.ts'
import type { Random } from '../random.ts'
import { digitsOf, readNumber } from '../wire/digits.ts'
import { FieldFinder } from '../wire/field-finder.ts'
import { Link, type LinkAddress, readBuffer } from '../wire/link.ts'
import { maskedFrame, opcodes } from '../wire/masked-frame.ts'
import type { Target } from '../wire/send-template.ts'
import { Ledger } from './ledger.ts'
import { scheduled } from './open.ts'
import { type Record, StormSession } from './storm-session.ts'

/** What people do, and how often for each message they post. */
export const actions = {
  post: 1,
  switch: 6.5,
  scroll: 2,
  unread: 1,
  reconnect: 0.14,
  react: 0.13,
} as const
export type ActionName = keyof typeof actions
const actionsPerPost: number = Object.values(actions).reduce((sum, share) => sum + share, 0)

export interface MixUser {
  readonly address: LinkAddress
  readonly talks: readonly MixTalk[]
}

export interface MixTalk {
  readonly id: string
  readonly target: Target
  readonly isGroup: boolean
  /** Index of the last user who must be there for it to be used. */
  readonly last: number
}

export interface MixPlan {
  readonly users: readonly MixUser[]
  /** Messages that are in every conversation beforehand. */
  readonly before: number
  /** Seconds between two posts of one person. */
  readonly postEvery: number
  readonly random: Random
  /** Number of the first message, above those of `before`. */
  readonly firstNumber: number
  textOf(n: number): string
}

export interface MixStep {
  readonly users: number
  readonly offeredPerSecond: number
  readonly done: number
  readonly errors: number
  readonly unanswered: number
  /** From the intended time to the answer, of all actions together and of each kind. */
  readonly latency: Latency
  readonly byAction: { readonly [name in ActionName]: Latency }
  readonly lag: Latency
  /** Share of one core. */
  readonly generatorCpu: number
}

export interface Mix {
  /** Has so many people act for so long; those of earlier steps stay. */
  step(users: number, seconds: number): Promise<MixStep>
  /** Posts by number from `firstNumber` on: in the columns that a history is compared with. */
  readonly ledger: Ledger
  /** What was wrong, in words; each once. */
  readonly wrong: readonly string[]
  /** Acked messages that sessions lack behind their last one. */
  lacking(): number
  close(): void
}

interface Asked {
  readonly name: ActionName
  readonly due: number
  /** Of a post: its place in the ledger, and where it goes. */
  readonly n: number
  talk: string
}

/** @param ackOf of a post */
type Answered = (id: number, isGood: boolean, ackOf: () => Ack) => void

interface Ack {
  readonly seq: number
  readonly serverId: number
}

const noAck = (): Ack => ({ seq: 0, serverId: 0 })
const openedAtOnce = 64
const pageSize = 50
const groupShare = 0.1
const drainMs = 3000
const warmUp = 0.25
const wrongKept = 20

/** People on sockets who read more than they write; everything they ask for is timed from when they meant to. */
export function startMix(plan: MixPlan): Mix {
  const ledger = new Ledger()
  const wrong: string[] = []
  const record: Record = {
    wrong: (what) => {
      if (wrong.length < wrongKept) wrong.push(what)
    },
    saw: () => true,
  }
  const shared = readBuffer()
  const people: Person[] = []
  const asked = new Map<number, Asked>()
  const tops = new Map<string, number>()
  let next = 0
  let meter = meterOf(0, 0)
  const answered: Answered = (id, isGood, ackOf) => {
    const action = asked.get(id)
    if (action === undefined) return record.wrong(`an answer to nothing: ${id}`)
    asked.delete(id)
    meter.took(action, isGood)
    if (action.name !== 'post' || !isGood) return
    const { seq, serverId } = ackOf()
    ledger.setAck(action.n, seq, serverId)
    tops.set(action.talk, Math.max(tops.get(action.talk) ?? 0, seq))
  }
  const lacking = (): number =>
    people.reduce((sum, { index, session }) => {
      const { talks } = plan.users[index] as MixUser
      return (
        sum + talks.reduce((some, { id }) => some + Math.max(0, (tops.get(id) ?? 0) - session.upTo(id)), 0)
      )
    }, 0)
  const act = async (person: Person, name: ActionName, due: number, users: number): Promise<void> => {
    const id = next++
    const n = name === 'post' ? ledger.add(person.index, due, performance.now()) : 0
    const action = { name, due, n, talk: '' }
    asked.set(id, action)
    if (name !== 'reconnect') {
      action.talk = person.ask(id, name, plan.firstNumber + n, users)
      return
    }
    const isBack = await person.reconnect().then(
      () => true,
      () => false,
    )
    answered(id, isBack, noAck)
  }
  return {
    ledger,
    wrong,
    step: async (users, seconds) => {
      for (let i = people.length; i < users; i++) people.push(personOf(plan, i, shared, record, answered))
      const newcomers = people.slice(0, users).filter((person) => !person.isThere())
      await inParallel(newcomers, openedAtOnce, (person) => person.reconnect())
      const rate = (users * actionsPerPost) / plan.postEvery
      const generatorCpu = await paced(rate, seconds, (from, to) => {
        meter = meterOf(from, to)
        return (due) => {
          const person = people[Math.floor(plan.random() * users)] as Person
          meter.late(due)
          // Who is on the way back does nothing else.
          if (person.isThere()) void act(person, chosen(plan.random), due, users)
        }
      })
      const until = performance.now() + drainMs
      while (asked.size > 0 && performance.now() < until) await sleep(50)
      const unanswered = asked.size
      asked.clear()
      return { users, offeredPerSecond: rate, unanswered, generatorCpu, ...meter.figures() }
    },
    lacking,
    close: () => {
      for (const person of people) person.close()
    },
  }
}

/** Calls what `begin` gives at a fixed rate, and returns the share of one core that it took. */
async function paced(
  rate: number,
  seconds: number,
  begin: (from: number, to: number) => (due: number) => void,
): Promise<number> {
  let act: (due: number) => void = () => undefined
  const schedule = scheduled({ rate, seconds }, (_, due) => act(due))
  await schedule.prepare()
  const origin = performance.now()
  act = begin(origin + seconds * 1000 * warmUp, origin + seconds * 1000)
  const before = process.cpuUsage()
  schedule.start(origin)
  await sleep(seconds * 1000)
  await schedule.stop()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 / seconds
}

function chosen(random: Random): ActionName {
  let left = random() * actionsPerPost
  for (const [name, share] of Object.entries(actions)) {
    left -= share
    if (left < 0) return name as ActionName
  }
  return 'post'
}

interface Person {
  readonly index: number
  readonly session: StormSession
  isThere(): boolean
  reconnect(): Promise<void>
  /** Returns the conversation it is about. */
  ask(id: number, name: ActionName, n: number, users: number): string
  close(): void
}

const frames = { post: 1003, page: 1005, unread: 1045, react: 1124 } as const

function personOf(
  plan: MixPlan,
  index: number,
  shared: Uint8Array,
  record: Record,
  answered: Answered,
): Person {
  const { address, talks } = plan.users[index] as MixUser
  const session = new StormSession(
    talks.map(({ id }) => id),
    record,
    plan.before,
  )
  const finders = {
    incr: new FieldFinder('"msg_incr":"a'),
    good: new FieldFinder('"err_code":0'),
    seq: new FieldFinder('"seq":'),
    serverId: new FieldFinder('"server_msg_id":'),
  }
  let link: Link | undefined
  let isThere = false
  /** Answers to own actions are told by their number, without parsing them; everything else is the session's. */
  const take = (_: Link, bytes: Uint8Array, start: number, end: number): void => {
    const head = Math.min(end, start + 60)
    const id = readNumber(bytes, finders.incr.find(bytes, start, head), head)
    if (id < 0) return session.take(bytes, start, end)
    const isGood = finders.good.find(bytes, start, end) >= 0
    answered(id, isGood, () => ({
      seq: readNumber(bytes, finders.seq.find(bytes, start, end), end),
      serverId: readNumber(bytes, finders.serverId.find(bytes, start, end), end),
    }))
  }
  const write = (id: number, frame: number, data: object): void => {
    const body = { req_identifier: frame, msg_incr: `a${id}`, operation_id: '', send_id: '', data }
    link?.socket.write(maskedFrame(Buffer.from(JSON.stringify(body)), opcodes.text))
  }
  return {
    index,
    session,
    isThere: () => isThere,
    reconnect: async () => {
      isThere = false
      link?.close()
      link = new Link(index, { ...address, subprotocol: 'nexo.v1' }, shared, {
        frame: take,
        readEnd: () => undefined,
        lost: (_, reason) => record.wrong(`user ${index} was lost: ${reason}`),
      })
      await session.sync(await link.opened())
      isThere = true
    },
    ask: (id, name, n, users) => {
      const { random } = plan
      const open = talks.filter(({ last }) => last < users)
      const some = open.filter(({ isGroup }) => isGroup === random() < groupShare)
      const talk = (some[Math.floor(random() * some.length)] ?? open[0]) as MixTalk
      const [frame, data] = requestOf(plan, name, n, talk, session)
      write(id, frame, data)
      return talk.id
    },
    close: () => link?.close(),
  }
}

function requestOf(
  { random, textOf }: MixPlan,
  name: ActionName,
  n: number,
  talk: MixTalk,
  session: StormSession,
): readonly [frame: number, data: object] {
  const conversation = { conversation_id: talk.id }
  const top = Math.max(1, session.upTo(talk.id))
  if (name === 'post') {
    const ids = { client_msg_id: digitsOf(n), session_type: talk.isGroup ? 2 : 1, msg_type: 1 }
    return [frames.post, { ...ids, ...talk.target, content: { text: { text: textOf(n) } } }]
  }
  if (name === 'unread') return [frames.unread, conversation]
  if (name === 'react')
    return [frames.react, { ...conversation, seq: 1 + Math.floor(random() * top), emoji: '👍' }]
  // The end of a conversation that is opened, or some place further up.
  const last = name === 'switch' ? top : Math.floor(random() * top)
  return [frames.page, { ...conversation, begin_seq: Math.max(1, last - pageSize + 1), limit: pageSize }]
}

interface Meter {
  late(due: number): void
  took(action: Asked, isGood: boolean): void
  figures(): Pick<MixStep, 'done' | 'errors' | 'latency' | 'byAction' | 'lag'>
}

/** Actions meant in [from, to) are measured; errors always count. */
function meterOf(from: number, to: number): Meter {
  const all = new Histogram()
  const lag = new Histogram()
  const kinds = new Map(Object.keys(actions).map((name) => [name, new Histogram()]))
  let done = 0
  let errors = 0
  return {
    late: (due) => {
      if (due >= from && due < to) lag.record((performance.now() - due) * 1000)
    },
    took: ({ name, due }, isGood) => {
      done += 1
      if (!isGood) errors += 1
      if (due < from || due >= to) return
      const us = (performance.now() - due) * 1000
      all.record(us)
      kinds.get(name)?.record(us)
    },
    figures: () => ({
      ...{ done, errors, latency: all.latency(), lag: lag.latency() },
      byAction: Object.fromEntries(
        [...kinds].map(([name, histogram]) => [name, histogram.latency()]),
      ) as MixStep['byAction'],
    }),
  }
}
