import { ImError } from '@nexo-im/protocol'
import type { Entry } from '../core/ports.ts'
import type { Caller } from '../core/world.ts'
import { connect } from '../testing/domain/device.ts'
import { type Chance, turns } from './chance.ts'
import type { Heard, History, Sent } from './history.ts'
import type { Node } from './nodes.ts'

export interface Talk {
  readonly id: string
  readonly to: { readonly recv_id: string } | { readonly group_id: string }
}

export interface Person {
  readonly caller: Caller
  readonly token: string
  readonly talks: readonly Talk[]
}

/** Somebody who sends, repeats what was not answered, looks things up, and comes and goes. */
export interface Client {
  readonly talks: readonly Talk[]
  send(node: Node, talk?: Talk): void
  /** Tries something again that has no final answer; false when there is nothing. */
  repeat(node: Node): boolean
  pull(node: Node): void
  markRead(node: Node): void
  /** Leaves where it is, and connects there. */
  connect(node: Node): void
  /** Nothing it began is on the way or without an answer. */
  readonly isQuiet: boolean
  readonly isConnected: boolean
}

/** Answers that leave open whether something was kept. */
const doubtful: ReadonlySet<string> = new Set(['send_failed', 'unavailable', 'internal'])
/** Refusals that say "not now". */
const later: ReadonlySet<string> = new Set(['seq_failed', 'too_many_requests'])

interface Line {
  /** What comes back from a node that died meanwhile never arrives. */
  ask<T>(node: Node, work: () => Promise<T>): Promise<T>
  /** Asks where nobody waits for the answer; an error that is none of the contract is noted. */
  quietly(node: Node, what: string, work: () => Promise<unknown>): void
  note(what: string, error: unknown): void
  readonly isQuiet: boolean
}

function lineOf(who: string, history: History): Line {
  let inFlight = 0
  const ask: Line['ask'] = async (node, work) => {
    inFlight += 1
    try {
      return await Promise.race([work(), node.death])
    } finally {
      inFlight -= 1
    }
  }
  const note = (what: string, error: unknown): void => {
    if (!(error instanceof ImError) && !(error instanceof Error && error.message === 'the node died'))
      history.strange.push(`${who}, ${what}: ${error instanceof Error ? error.stack : String(error)}`)
  }
  return {
    ask,
    note,
    quietly: (node, what, work) => void ask(node, work).catch((error: unknown) => note(what, error)),
    get isQuiet() {
      return inFlight === 0
    },
  }
}

type Sending = Pick<Client, 'send' | 'repeat'> & { readonly isDone: boolean }

function sendingOf({ caller, talks }: Person, history: History, chance: Chance, line: Line): Sending {
  const who = caller.userId
  const open = new Set<Sent>()
  let sent = 0

  async function attempt(node: Node, message: Sent, to: Talk['to']): Promise<void> {
    open.delete(message)
    const input = { client_msg_id: message.id, msg_type: 1, content: { text: message.text }, ...to }
    try {
      const entry: Entry = await line.ask(node, () => node.core.dispatch(caller, 'message.send', input))
      message.acks.push({ at: history.now(), entry })
    } catch (error) {
      line.note('send', error)
      const kind = error instanceof ImError ? error.kind : 'internal'
      if (doubtful.has(kind)) message.isDoubtful = true
      if (doubtful.has(kind) || later.has(kind)) open.add(message)
      else message.isRefused = true
    }
  }

  return {
    send: (node, talk = chance.one(talks)) => {
      sent += 1
      const message: Sent = {
        ...{ sender: who, id: `${who}-${sent}`, conversation: talk.id, text: `${sent} of ${who}` },
        ...{ invoked: history.now(), acks: [], isDoubtful: false, isRefused: false },
      }
      history.sent.push(message)
      void attempt(node, message, talk.to)
    },
    repeat: (node) => {
      const [message] = open
      if (!message) return false
      const talk = talks.find(({ id }) => id === message.conversation)
      if (talk) void attempt(node, message, talk.to)
      return true
    },
    get isDone() {
      return open.size === 0
    },
  }
}

export function clientOf(person: Person, history: History, chance: Chance): Client {
  const { caller, token, talks } = person
  const who = caller.userId
  const line = lineOf(who, history)
  const sending = sendingOf(person, history, chance, line)
  let ear: { readonly heard: Heard; readonly node: Node; leave(): void } | undefined

  return {
    talks,
    send: sending.send,
    repeat: sending.repeat,
    pull: (node) => {
      const conversation_id = chance.one(talks).id
      line.quietly(node, 'pull', async () => {
        const page = await node.core.dispatch(caller, 'message.pull', { conversation_id, limit: 100 })
        history.pulled.push({ who, entries: page.messages })
      })
    },
    markRead: (node) => {
      const input = { conversation_id: chance.one(talks).id, read_seq: chance.below(9) }
      line.quietly(node, 'mark read', () => node.core.dispatch(caller, 'conversation.mark_read', input))
    },
    connect: (node) => {
      ear?.leave()
      ear = undefined
      line.quietly(node, 'connect', async () => {
        const device = await connect(node.core, token)
        // Where it came twice at once, one of both is the one it stays with.
        if (ear || node.isDead) return device.leave()
        const heard: Heard = { who, node: node.number, told: [], isOpen: true }
        history.heard.push(heard)
        const leave = (): void => {
          heard.isOpen = false
          device.leave()
        }
        ear = { heard, node, leave }
        void listen(node, device.heard, heard)
      })
    },
    get isQuiet() {
      return line.isQuiet && sending.isDone
    },
    get isConnected() {
      return ear !== undefined && !ear.node.isDead && ear.heard.isOpen
    },
  }
}

/** Takes what is told as long as both are there. */
async function listen(node: Node, hear: () => Promise<Heard['told']>, heard: Heard): Promise<void> {
  while (!node.isDead && heard.isOpen) {
    const told = await hear()
    if (!node.isDead) heard.told.push(...told)
    await turns(1)
  }
  heard.isOpen = false
}
