import {
  type AnswerFrame,
  asImError,
  type Change,
  type EventData,
  type EventName,
  eventOfFrame,
  type FrameCodec,
  type FrameOutput,
  groupConversationId,
  ImError,
  type Input,
  nexoV1Codec,
  type Operation,
  type OperationName,
  operations,
  type SendAck,
  singleConversationId,
  type User,
} from '@nexo-im/protocol'
import type { ChatMessage, ClientEvents, ConnectionStatus, Outgoing, SendTarget } from './api.ts'
import { type Calls, createCalls } from './calls.ts'
import type { Clock } from './clock.ts'
import { Connection, type Verdict } from './connection.ts'
import { isDeadToken } from './dead-token.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { LinkDoor } from './links/link.ts'
import type { Network } from './network.ts'
import { type Destination, Outbox } from './outbox.ts'
import type { Direct } from './rest.ts'
import { State } from './state.ts'
import type { OpenOutbox, OutboxEntry } from './store/outbox-store.ts'

/** What sessions of one client share. */
export interface Surroundings {
  readonly url: string
  readonly doors: readonly LinkDoor[]
  readonly direct: Direct
  readonly clock: Clock
  readonly random: () => number
  readonly network: Network
  readonly openOutbox: OpenOutbox
  readonly timeoutMs: number
  readonly catchUp: 'opened' | 'all'
}

/** What a session tells its client. */
export interface SessionEvents {
  readonly status: (status: ConnectionStatus) => void
  readonly message: (message: ChatMessage) => void
  readonly event: (event: ClientEvents['event']) => void
  readonly change: (change: Change) => void
  /** Some snapshot may have changed. */
  readonly changed: () => void
}

/** ms in which a link must answer the heartbeat. */
const pulseLimit = 10_000

/** One signed-in user: a connection, the outbox, and what is known of the account. Composition only. */
export class Session {
  readonly userId: string
  /** Of the present sign-in; a renewed one takes effect with the next request or connection. */
  token: string
  readonly state: State
  readonly outbox: Outbox
  readonly connection: Connection
  readonly #around: Surroundings
  readonly #events: SessionEvents
  readonly #codec: FrameCodec = nexoV1Codec()
  readonly #calls: Calls
  readonly #heartbeat: Heartbeat

  constructor(around: Surroundings, user: User, token: string, events: SessionEvents) {
    const { clock, random, timeoutMs, catchUp } = around
    this.userId = user.user_id
    this.token = token
    this.#around = around
    this.#events = events
    this.#calls = createCalls({
      codec: this.#codec,
      clock,
      timeoutMs,
      stalled: () => this.connection.stalled(),
    })
    this.#heartbeat = createHeartbeat(clock, () => this.#pulse())
    this.outbox = this.#createOutbox()
    this.state = new State({
      me: this.userId,
      call: (name, input) => this.#route(name, input),
      clock,
      random,
      catchUp,
      outbox: this.outbox,
      online: () => this.#isOnline,
      message: events.message,
      change: events.change,
      changed: events.changed,
    })
    this.connection = this.#createConnection()
    this.state.directory.putUser(user)
    void this.outbox.load()
  }

  async call<N extends OperationName>(name: N, input: Input<N>): Promise<FrameOutput<N>> {
    const heard = this.state.echo(name, input)
    const output = await this.#route(name, input)
    heard(output)
    this.state.touched()
    return output
  }

  /** Throws `invalid_parameter` unless the target names one user or one group. */
  send(to: SendTarget, message: Outgoing): { clientMsgId: string; acked: Promise<ChatMessage> } {
    const destination = this.#destination(to)
    this.state.typing.sent(destination.conversationId)
    return this.outbox.add(destination, message)
  }

  async disconnect(timeoutMs: number): Promise<{ unsent: number }> {
    if (this.#isOnline) await Promise.all([this.outbox.drained(timeoutMs), this.#flushed(timeoutMs)])
    this.connection.disconnect()
    return { unsent: this.outbox.size }
  }

  close(): void {
    this.connection.close()
    this.#heartbeat.stop()
    this.state.close()
    this.outbox.close()
  }

  get #isOnline(): boolean {
    return this.connection.status.state === 'online'
  }

  /** Resolves when the drafts are told, or after `timeoutMs`. */
  #flushed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const disarm = this.#around.clock.after(timeoutMs, resolve)
      void this.state.drafts.flush().then(() => {
        disarm()
        resolve()
      })
    })
  }

  #createOutbox(): Outbox {
    const { clock, random, openOutbox, url } = this.#around
    return new Outbox({
      me: this.userId,
      store: openOutbox(`${url} ${this.userId}`),
      clock,
      random,
      online: () => this.#isOnline,
      send: (entry): Promise<SendAck> => this.#route('message.send', sendInput(entry)),
      solo: (entry) => !this.#calls.fits('message.send', sendInput(entry)),
      changed: (id) => this.state.touched(id),
      acked: (message) => this.state.sync.arrived({ message, mine: true, provisional: true }),
    })
  }

  #createConnection(): Connection {
    const { doors, url, clock, direct, network, random } = this.#around
    const token = (): string => this.token
    return new Connection({
      doors,
      // Read whenever a link opens: it may have been renewed since.
      target: {
        url,
        clock,
        direct,
        get token() {
          return token()
        },
      },
      network,
      random,
      judge: () => this.#judge(),
      opened: (link, door) => {
        this.#calls.attach(link, door.maxFrame)
        this.#heartbeat.start()
      },
      frame: (raw) => this.#frame(raw),
      died: (code) => {
        this.#calls.died(code)
        this.#heartbeat.stop()
      },
      changed: (status) => this.#moved(status),
    })
  }

  #moved(status: ConnectionStatus): void {
    if (status.state === 'online') {
      this.state.online()
      this.outbox.online()
    } else this.state.offline()
    this.#events.status(status)
  }

  /** Over the socket when it is there and takes the request, else over HTTP. */
  async #route<N extends OperationName>(name: N, input: Input<N>): Promise<FrameOutput<N>> {
    const { frame, routes }: Operation = operations[name]
    const socket = frame !== undefined && this.#isOnline && this.#calls.fits(name, input)
    if (socket || routes.length === 0) return this.#calls.call(name, input)
    // Over HTTP an answer is at least what it is over a socket.
    return (await this.#around.direct(name, input, this.token)) as unknown as FrameOutput<N>
  }

  async #judge(): Promise<Verdict> {
    try {
      this.state.directory.putUser(await this.#around.direct('user.info', {}, this.token))
      return 'alive'
    } catch (thrown) {
      const error = asImError(thrown)
      if (isDeadToken(error)) return { dead: error.kind }
      return error.row.retry ? 'unreachable' : 'alive'
    }
  }

  #pulse(): void {
    this.#calls.call('message.newest_seqs', { conversation_ids: [] }, pulseLimit).catch(() => undefined)
  }

  #frame(raw: string | Uint8Array): void {
    this.#heartbeat.heard()
    let frame: AnswerFrame
    try {
      frame = this.#codec.readAnswer(raw)
    } catch {
      // Whatever talks there is no server of ours: a new link may find it.
      return this.connection.stalled()
    }
    const name = frame.incr === '' ? eventOfFrame(frame.id) : undefined
    if (name === undefined) return this.#calls.answer(frame)
    this.#event(name, frame.data)
    this.#events.event({ name, data: frame.data as EventData<EventName> })
  }

  #event(name: EventName, data: unknown): void {
    const is = <N extends EventName>(_: N): EventData<N> => data as EventData<N>
    const { state } = this
    if (name === 'message_received') state.receive(is(name).msgs)
    else if (name === 'changed') state.stream.pushed(is(name).changes)
    else if (name === 'receipt') state.receipt(is(name))
    else if (name === 'typing') state.typing.heard(is(name))
    else if (name === 'kicked') this.connection.end(is(name).reason)
    else if (name === 'resync') state.resync(is(name).conversations)
    else if (name === 'user_online' || name === 'user_offline') state.watch.put(is(name))
  }

  #destination({ userId = '', groupId = '' }: SendTarget): Destination {
    if ((userId === '') === (groupId === '')) {
      throw new ImError('invalid_parameter', { detail: 'a message goes to one user or one group' })
    }
    const conversationId =
      userId === '' ? groupConversationId(groupId) : singleConversationId(this.userId, userId)
    return { conversationId, recvId: userId, groupId }
  }
}

function sendInput(entry: OutboxEntry): Input<'message.send'> {
  return {
    client_msg_id: entry.clientMsgId,
    msg_type: entry.type,
    content: entry.content,
    ...(entry.mentions && { mentions: [...entry.mentions] }),
    ...(entry.recvId === '' ? { group_id: entry.groupId } : { recv_id: entry.recvId }),
  }
}
