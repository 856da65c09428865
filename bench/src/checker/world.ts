import type { Ack, Close, Connect, Event, Plan, Pull, Push, Sighting } from './history.ts'
import { addSide, emptySide, listed, type Side } from './side-world.ts'

/** A message as its sender tells it. */
export interface Message {
  readonly sender: string
  readonly id: string
  readonly conversation: string
  readonly text: string
  /** When its first attempt began. */
  readonly invoked: number
  /** Every attempt that was begun; undefined = never answered. */
  readonly attempts: Map<number, Ack | undefined>
}

export type Fate = 'acked' | 'refused' | 'unknown'

/** What one final reader holds of one conversation. */
export interface Log {
  readonly reader: string
  readonly conversation: string
  readonly records: Sighting[]
  maxSeq: number
}

/** The histories, sorted by subject. */
export interface World extends Side {
  /** By `keyOf(sender, id)`. */
  readonly messages: Map<string, Message>
  /** Answers to attempts nobody made. */
  readonly strayAcks: Ack[]
  /** By `keyOf(reader, conversation)`. */
  readonly logs: Map<string, Log>
  /** By client, in the order of arrival. */
  readonly pushes: Map<string, Push[]>
  readonly pulled: { readonly client: string; readonly messages: readonly Sighting[] }[]
  /** Pages as they were answered, those of the final readers too. */
  readonly pages: Pull[]
  readonly connects: Connect[]
  readonly closes: Close[]
  readonly plans: Map<string, Plan>
  /** Of each conversation. */
  readonly members: Map<string, string[]>
  /** Attempts that two lines claim. */
  readonly twiceSent: string[]
}

export function keyOf(a: string, b: string): string {
  return `${a}\n${b}`
}

export function buildWorld(events: readonly Event[]): World {
  const world: World = {
    messages: new Map(),
    strayAcks: [],
    logs: new Map(),
    pushes: new Map(),
    pulled: [],
    pages: [],
    connects: [],
    closes: [],
    plans: new Map(),
    members: new Map(),
    twiceSent: [],
    ...emptySide(),
  }
  // Sends first: the files of different clients may come in any order, and no ack may be taken for a stray one.
  for (const event of events) if (event.op === 'send') addSend(world, event)
  for (const event of events) add(world, event)
  return world
}

function addSend(world: World, { client, t_invoke, args }: Extract<Event, { op: 'send' }>): void {
  const key = keyOf(client, args.client_msg_id)
  const known = world.messages.get(key)
  if (known === undefined) {
    world.messages.set(key, {
      sender: client,
      id: args.client_msg_id,
      conversation: args.conversation_id,
      text: args.text,
      invoked: t_invoke,
      attempts: new Map([[args.attempt, undefined]]),
    })
  } else if (
    known.attempts.has(args.attempt) ||
    known.text !== args.text ||
    known.conversation !== args.conversation_id
  ) {
    world.twiceSent.push(`${client} ${args.client_msg_id}`)
  } else {
    known.attempts.set(args.attempt, undefined)
  }
}

function add(world: World, event: Event): void {
  switch (event.op) {
    case 'ack': {
      const attempts = world.messages.get(keyOf(event.client, event.args.client_msg_id))?.attempts
      if (attempts?.has(event.args.attempt) !== true || attempts.get(event.args.attempt) !== undefined) {
        world.strayAcks.push(event)
      } else {
        attempts.set(event.args.attempt, event)
      }
      return
    }
    case 'push':
      return listed(world.pushes, event.client, event)
    case 'pull':
      if (event.result.outcome !== 'ok') return
      world.pulled.push({ client: event.client, messages: event.result.messages })
      world.pages.push(event)
      return
    case 'read': {
      if (event.result.outcome !== 'ok') return
      const key = keyOf(event.client, event.args.conversation_id)
      const log = world.logs.get(key) ?? emptyLog(event.client, event.args.conversation_id)
      log.records.push(...event.result.messages)
      log.maxSeq = event.result.max_seq
      world.logs.set(key, log)
      world.pages.push(event)
      return
    }
    case 'plan':
      world.plans.set(event.client, event)
      for (const conversation of event.args.conversations) listed(world.members, conversation, event.client)
      return
    case 'connect':
      world.connects.push(event)
      return
    case 'close':
      world.closes.push(event)
      return
    default:
      addSide(world, event)
  }
}

function emptyLog(reader: string, conversation: string): Log {
  return { reader, conversation, records: [], maxSeq: 0 }
}

export function okAcks(message: Message): { readonly at: number; readonly told: Sighting }[] {
  return [...message.attempts.values()].flatMap((ack) =>
    ack?.result.outcome === 'ok'
      ? [{ at: ack.t_return ?? Number.POSITIVE_INFINITY, told: ack.result.message }]
      : [],
  )
}

/** One unanswered or doubtful attempt is enough to leave it open whether an otherwise refused message is stored. */
export function fateOf(message: Message): Fate {
  const outcomes = [...message.attempts.values()].map((ack) => ack?.result.outcome ?? 'unknown')
  if (outcomes.includes('ok')) return 'acked'
  return outcomes.includes('unknown') ? 'unknown' : 'refused'
}

/** The first difference between two tellings of one message, or undefined. */
export function difference(a: Sighting, b: Sighting): string | undefined {
  const fields = ['conversation_id', 'seq', 'server_msg_id', 'client_msg_id', 'sender_id', 'send_at'] as const
  for (const field of fields) if (a[field] !== b[field]) return `${field} ${a[field]} or ${b[field]}`
  if (a.text !== undefined && b.text !== undefined && a.text !== b.text) return 'text'
  return undefined
}

export function placeOf(sighting: Sighting): string {
  return keyOf(sighting.conversation_id, String(sighting.seq))
}

/** The stored record of every place, as the first reader of the conversation holds it. */
export function finalRecords(world: World): Map<string, Sighting> {
  const records = new Map<string, Sighting>()
  for (const log of world.logs.values()) {
    for (const record of log.records) {
      const place = placeOf(record)
      if (!records.has(place)) records.set(place, record)
    }
  }
  return records
}
