import { setTimeout as sleep } from 'node:timers/promises'
import type { Ack } from '../checker/history.ts'
import { type Api, ApiError, type SentMessage } from '../http.ts'
import type { Random } from '../random.ts'
import { type Account, openAccount } from './account.ts'
import { type Journal, microseconds } from './journal.ts'
import type { ChaosUser, Talk } from './setup.ts'
import { type ChaosSocket, openSocket, sightingOf } from './socket.ts'

/** A message without a final answer. */
interface Open {
  readonly id: string
  readonly talk: Talk
  readonly text: string
  attempt: number
  invoked: number
  inFlight: 'no' | 'ws' | 'http'
  /** One of its attempts was never answered, or in a way that leaves open whether it is stored. */
  doubt: boolean
  /** Not tried again before this. */
  notBefore: number
  /** It was acked before and is sent once more to see whether the answer is the same. */
  readonly repeat: boolean
}

export interface ChaosContext {
  readonly url: string
  readonly api: Api
  readonly random: Random
  readonly journal: Journal
  /** How long an answer may take before the socket is given up. */
  readonly patienceMs: number
  /** Somebody who says little: one message at a time, and up to this long between two. */
  readonly restMs?: number
}

/** Sends of one client that wait for their answer. */
export const openAtOnce = 4
const httpShare = 0.2
const repeatShare = 0.03
const foreignShare = 0.01
const shortestRestMs = 5
const longestRestMs = 150
/** Of the turns of a client: with fifty of them, three or four a second in all. */
const lookShare = 0.006
const markShare = 0.5
const healMs = 90_000
/** Refusals that say "not now": the same id is tried again. */
const later: ReadonlySet<number> = new Set([1002, 1006, 4004, 4005, 5001, 5002])
const noPermission = 1007
/** Answers that leave open whether the message was stored. */
const doubtful: ReadonlySet<number> = new Set([-1, 1002, 4005])

/** One user with one socket, who sends, loses the connection, comes back and repeats what was not answered. */
export class ChaosClient {
  readonly #user: ChaosUser
  readonly #context: ChaosContext
  readonly #open = new Map<string, Open>()
  readonly #lastSeq = new Map<string, number>()
  #socket: ChaosSocket | undefined
  #connecting = false
  #catchingUp: Promise<void> | undefined
  #isBehind = false
  #connections = 0
  #healing = false
  #isDone = false
  #token: string
  #session: number | undefined
  #aside: Promise<void> | undefined
  readonly account: Account
  readonly #counts = { planned: 0, acked: 0, refused: 0, unknown: 0 }

  constructor(user: ChaosUser, context: ChaosContext) {
    this.#user = user
    this.#context = context
    this.#token = user.token
    const { api, journal } = context
    this.account = openAccount({ userId: user.userId, api, journal, token: () => this.#token })
  }

  get acked(): number {
    return this.#counts.acked
  }

  get isConnected(): boolean {
    return this.#socket !== undefined
  }

  /** No new messages; `run` ends when all are answered. */
  heal(): void {
    this.#healing = true
  }

  /** From now on by this sign-in, the `session`th; the socket stays until the server ends it. */
  renew(token: string, session: number): void {
    this.#token = token
    this.#session = session
  }

  /** Reads what has come, or asks how far that was. */
  async look({ id }: Talk): Promise<void> {
    const last = this.#lastSeq.get(id)
    if (last !== undefined && this.#context.random() < markShare) await this.account.mark(id, last)
    else await this.account.state(id)
  }

  /** Rejects when messages are still open long after healing began. */
  async run(): Promise<void> {
    const { random, restMs } = this.#context
    const most = restMs === undefined ? openAtOnce : 1
    let until = Number.POSITIVE_INFINITY
    this.#beside(() => this.account.begin())
    while (!this.#healing || this.#open.size > 0) {
      if (this.#healing && until === Number.POSITIVE_INFINITY) until = Date.now() + healMs
      if (Date.now() > until) break
      if (this.#socket === undefined) this.#connect()
      else while (!this.#healing && this.#open.size < most) this.#begin()
      for (const message of this.#open.values()) this.#attend(message)
      if (restMs === undefined && random() < lookShare) this.#beside(() => this.look(this.#anyTalk()))
      await sleep(shortestRestMs + random() * ((!this.#healing && restMs) || longestRestMs))
    }
    this.#counts.unknown += [...this.#open.values()].filter((message) => !message.repeat).length
  }

  /** Reads every conversation to its end and writes what this client counted. */
  async finish(): Promise<void> {
    // Its end is not the server's doing, and the journal is closed when it comes.
    this.#isDone = true
    this.#socket?.close()
    await this.#catchingUp
    await this.#aside
    for (const talk of this.#user.talks) await this.#pull('read', talk.id, 1)
    for (const room of this.#user.rooms ?? []) await this.#pullIfLet('read', room.id, 1)
    await this.account.conclude()
    const conversations = this.#user.talks.map((talk) => talk.id)
    this.#context.journal.write({ op: 'plan', args: { conversations }, result: { ...this.#counts } })
    this.#context.journal.close()
  }

  /** One thing at a time; what does not succeed is not asked for again. */
  #beside(work: () => Promise<void>): void {
    this.#aside ??= work()
      .catch(() => undefined)
      .finally(() => {
        this.#aside = undefined
      })
  }

  #anyTalk(): Talk {
    const { talks, rooms = [] } = this.#user
    const all = [...talks, ...rooms]
    return all[Math.floor(this.#context.random() * all.length)] as Talk
  }

  #begin(): void {
    const { random } = this.#context
    const own = this.#anyTalk()
    const talk = random() < foreignShare ? (this.#user.foreign ?? own) : own
    const id = `${this.#user.userId}-${++this.#counts.planned}`
    // Several bytes a letter, quotes and joined emoji: "byte for byte" should mean something.
    const text = `${id} "schön" 你好 👩‍👩‍👧 ${'.'.repeat(Math.floor(random() * 200))}`
    this.#open.set(id, {
      id,
      talk,
      text,
      attempt: 0,
      invoked: 0,
      inFlight: 'no',
      doubt: false,
      notBefore: 0,
      repeat: false,
    })
  }

  #attend(message: Open): void {
    const now = Date.now()
    if (message.inFlight === 'ws' && microseconds() - message.invoked > this.#context.patienceMs * 1000)
      this.#socket?.close()
    if (message.inFlight !== 'no' || message.notBefore > now) return
    const overHttp = this.#context.random() < httpShare
    if (!overHttp && this.#socket === undefined) return
    message.attempt += 1
    message.invoked = microseconds()
    message.inFlight = overHttp ? 'http' : 'ws'
    const { id, talk, text, attempt } = message
    const args = { client_msg_id: id, conversation_id: talk.id, text, attempt, via: message.inFlight }
    this.#context.journal.write({ op: 'send', args, result: null }, message.invoked, false)
    const data = { client_msg_id: id, ...talk.target, ...kindOf(talk), content: { text: { text } } }
    if (overHttp) void this.#sendOverHttp(message, data)
    else this.#socket?.send(`${attempt}:${id}`, data)
  }

  async #sendOverHttp(message: Open, data: object): Promise<void> {
    try {
      this.#answered(message, 0, await this.#context.api.send(this.#token, data))
    } catch (error) {
      if (error instanceof ApiError) return this.#answered(message, error.code, undefined)
      // The connection broke: nobody knows. The attempt stays without an answer in the history.
      leaveOpen(message)
      message.notBefore = Date.now() + 50
    }
  }

  #answered(message: Open, code: number, sent: SentMessage | undefined): void {
    const { client_msg_id, attempt } = { client_msg_id: message.id, attempt: message.attempt }
    const result: Ack['result'] =
      sent === undefined
        ? { outcome: doubtful.has(code) ? 'unknown' : 'fail', code }
        : { outcome: 'ok', message: ackOf(sent, this.#user.userId) }
    this.#context.journal.write({ op: 'ack', args: { client_msg_id, attempt }, result }, message.invoked)
    message.inFlight = 'no'
    if (result.outcome === 'unknown') message.doubt = true
    if (sent === undefined && (later.has(code) || code === -1)) {
      message.notBefore = Date.now() + 100
      return
    }
    this.#open.delete(message.id)
    if (!message.repeat)
      this.#counts[sent !== undefined ? 'acked' : message.doubt ? 'unknown' : 'refused'] += 1
    if (sent !== undefined && !message.repeat && this.#context.random() < repeatShare) {
      this.#open.set(message.id, {
        ...message,
        notBefore: Date.now() + this.#context.random() * 500,
        repeat: true,
      })
    }
  }

  #connect(): void {
    if (this.#connecting) return
    this.#connecting = true
    const conn = `${this.#user.userId}-${++this.#connections}`
    const invoked = microseconds()
    const { journal, url } = this.#context
    const session = this.#session
    const args = { conn, ...(session !== undefined && { session }) }
    const opening = openSocket(url, this.#token, {
      answered: (incr, code, sent) => {
        const [attempt, id = ''] = incr.split(':')
        const message = this.#open.get(id)
        if (message?.inFlight === 'ws' && message.attempt === Number(attempt))
          this.#answered(message, code, sent)
      },
      pushed: (messages) => {
        journal.write({ op: 'push', args: { conn }, result: { messages } })
        for (const { conversation_id, seq } of messages) this.#lastSeq.set(conversation_id, seq)
      },
      resync: (seqs) => journal.write({ op: 'push', args: { conn }, result: { resync: seqs } }),
      closed: (code) => {
        if (!this.#isDone) journal.write({ op: 'close', args: { conn, code }, result: null })
        this.#disconnected()
      },
      ...(session !== undefined && { kicked: () => undefined }),
    })
    opening
      .then(
        (socket) => {
          journal.write({ op: 'connect', args, result: { outcome: 'ok' } }, invoked)
          this.#socket = socket
          // Beside everything else: it may take long, and the next loss of the connection must not wait for it.
          this.#isBehind = true
          this.#catchingUp ??= this.#catchUp()
        },
        () => journal.write({ op: 'connect', args, result: { outcome: 'fail' } }, invoked),
      )
      .finally(() => {
        this.#connecting = false
      })
  }

  #disconnected(): void {
    this.#socket = undefined
    for (const message of this.#open.values()) if (message.inFlight === 'ws') leaveOpen(message)
  }

  /** What a real client does after a gap; here it also shows what is readable while faults happen. */
  async #catchUp(): Promise<void> {
    while (this.#isBehind && !this.#isDone) {
      this.#isBehind = false
      try {
        for (const talk of this.#user.talks)
          await this.#pull('pull', talk.id, (this.#lastSeq.get(talk.id) ?? 0) + 1)
        for (const { id } of this.#user.rooms ?? [])
          await this.#pullIfLet('pull', id, (this.#lastSeq.get(id) ?? 0) + 1)
      } catch {
        // The next connection brings the next try.
      }
    }
    this.#catchingUp = undefined
  }

  /** Of a room where one never was nothing is shown. */
  async #pullIfLet(op: 'pull' | 'read', conversationId: string, from: number): Promise<void> {
    try {
      await this.#pull(op, conversationId, from)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === noPermission)) throw error
    }
  }

  async #pull(op: 'pull' | 'read', conversationId: string, from: number): Promise<void> {
    for (let next = from; ; ) {
      const invoked = microseconds()
      const page = await this.#context.api.pull(this.#token, conversationId, next)
      const messages = page.messages.map(sightingOf)
      const args = { conversation_id: conversationId, begin_seq: next }
      this.#context.journal.write(
        { op, args, result: { outcome: 'ok', messages, max_seq: page.max_seq } },
        invoked,
      )
      const last = messages.at(-1)?.seq
      if (last === undefined || last >= page.max_seq) return
      next = last + 1
    }
  }
}

function leaveOpen(message: Open): void {
  message.inFlight = 'no'
  message.doubt = true
}

function kindOf(talk: Talk): { session_type: number; msg_type: number } {
  return { session_type: 'recv_id' in talk.target ? 1 : 2, msg_type: 1 }
}

function ackOf(sent: SentMessage, sender: string): Extract<Ack['result'], { outcome: 'ok' }>['message'] {
  const { conversation_id, seq, server_msg_id, client_msg_id, send_at } = sent
  return { conversation_id, seq, server_msg_id, client_msg_id, sender_id: sender, send_at }
}
