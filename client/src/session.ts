import {
  type AnswerFrame,
  asImError,
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
import { Directory } from './directory.ts'
import { createEcho, type Echo } from './echo.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { LinkDoor } from './links/link.ts'
import { Views } from './model.ts'
import type { Network } from './network.ts'
import { type Destination, Outbox } from './outbox.ts'
import { Reads } from './reads.ts'
import type { Direct } from './rest.ts'
import { Rows } from './rows.ts'
import type { OpenOutbox, OutboxEntry } from './store/outbox-store.ts'
import { type Call, Sync } from './sync.ts'
import { chatMessage } from './timeline.ts'
import { Watch } from './watch.ts'

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
  /** Some snapshot may have changed. */
  readonly changed: () => void
}

/** ms in which a link must answer the heartbeat. */
const pulseLimit = 10_000

/** One signed-in user: a connection and everything that lives on it. Composition only; the rules are in the parts. */
export class Session {
  readonly userId: string
  readonly token: string
  readonly views: Views
  readonly sync: Sync
  readonly outbox: Outbox
  readonly watch: Watch
  readonly directory: Directory
  readonly connection: Connection
  readonly #around: Surroundings
  readonly #events: SessionEvents
  readonly #codec: FrameCodec = nexoV1Codec()
  readonly #calls: Calls
  readonly #heartbeat: Heartbeat
  readonly #rows: Rows
  readonly #reads: Reads
  readonly #echo: Echo

  constructor(around: Surroundings, user: User, token: string, events: SessionEvents) {
    const { clock, random } = around
    const call: Call = (name, input) => this.#route(name, input)
    const touched = (id?: string): void => this.#touched(id)
    this.userId = user.user_id
    this.token = token
    this.#around = around
    this.#events = events
    this.#calls = createCalls({
      codec: this.#codec,
      clock,
      timeoutMs: around.timeoutMs,
      stalled: () => this.connection.stalled(),
    })
    this.#heartbeat = createHeartbeat(clock, () => this.#pulse())
    this.#rows = new Rows(this.userId)
    this.#reads = new Reads(call, this.#rows)
    this.directory = new Directory(call, touched)
    this.watch = new Watch({ call, clock, rows: this.#rows, touched })
    this.outbox = this.#createOutbox()
    this.sync = new Sync({
      me: this.userId,
      call,
      clock,
      random,
      rows: this.#rows,
      catchUp: around.catchUp,
      confirm: (message) => this.outbox.confirm(message, chatMessage(message)),
      touched,
      fresh: events.message,
    })
    this.views = new Views({
      me: this.userId,
      rows: this.#rows,
      sync: this.sync,
      outbox: this.outbox,
      directory: this.directory,
      watch: this.watch,
    })
    this.#echo = createEcho({
      directory: this.directory,
      rows: this.#rows,
      sync: this.sync,
      watch: this.watch,
    })
    this.connection = this.#createConnection()
    this.directory.putUser(user)
    void this.outbox.load()
  }

  async call<N extends OperationName>(name: N, input: Input<N>): Promise<FrameOutput<N>> {
    const output = await this.#route(name, input)
    this.#echo(name, input, output)
    this.#touched()
    return output
  }

  /** Throws `invalid_parameter` unless the target names one user or one group. */
  send(to: SendTarget, message: Outgoing): { clientMsgId: string; acked: Promise<ChatMessage> } {
    return this.outbox.add(this.#destination(to), message)
  }

  async markRead(id: string, seq?: number): Promise<void> {
    const marked = this.#reads.mark(id, seq ?? this.#rows.get(id)?.maxSeq ?? 0)
    this.#touched(id)
    await marked
  }

  async disconnect(timeoutMs: number): Promise<{ unsent: number }> {
    if (this.connection.status.state === 'online') await this.outbox.drained(timeoutMs)
    this.connection.disconnect()
    return { unsent: this.outbox.size }
  }

  close(): void {
    this.connection.close()
    this.#heartbeat.stop()
    this.watch.offline()
    this.sync.close()
    this.outbox.close()
  }

  #createOutbox(): Outbox {
    const { clock, random, openOutbox, url } = this.#around
    return new Outbox({
      me: this.userId,
      store: openOutbox(`${url} ${this.userId}`),
      clock,
      random,
      online: () => this.connection.status.state === 'online',
      send: (entry): Promise<SendAck> => this.#route('message.send', sendInput(entry)),
      solo: (entry) => !this.#calls.fits('message.send', sendInput(entry)),
      changed: (id) => this.#touched(id),
      acked: (message) => this.sync.arrived({ message, mine: true, provisional: true }),
    })
  }

  #createConnection(): Connection {
    const { doors, url, clock, direct, network, random } = this.#around
    return new Connection({
      doors,
      target: { url, token: this.token, clock, direct },
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
      this.sync.online()
      this.outbox.online()
      this.watch.online()
      this.directory.online()
      this.#reads.online()
    } else {
      this.sync.offline()
      this.watch.offline()
    }
    this.#events.status(status)
  }

  /** Over the socket when it is there and takes the request, else over HTTP. */
  async #route<N extends OperationName>(name: N, input: Input<N>): Promise<FrameOutput<N>> {
    const { frame, routes }: Operation = operations[name]
    const socket =
      frame !== undefined && this.connection.status.state === 'online' && this.#calls.fits(name, input)
    if (socket || routes.length === 0) return this.#calls.call(name, input)
    // Over HTTP an answer is at least what it is over a socket.
    return (await this.#around.direct(name, input, this.token)) as unknown as FrameOutput<N>
  }

  async #judge(): Promise<Verdict> {
    try {
      this.directory.putUser(await this.#around.direct('user.info', {}, this.token))
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
    const { sync, watch, directory } = this
    if (name === 'message_received') sync.receive(is(name).msgs)
    else if (name === 'kicked') this.connection.end(is(name).reason)
    else if (name === 'resync') sync.resync(is(name).conversations)
    else if (name === 'user_online' || name === 'user_offline') watch.put(is(name))
    else if (name === 'conversation_changed') void sync.learn(is(name).conversation_id)
    else if (name === 'conversation_read') {
      this.#rows.read(is(name).conversation_id, is(name).read_seq)
      this.#touched()
    } else if (name === 'group_created') {
      directory.putGroup(is(name).group)
      void sync.learn(groupConversationId(is(name).group.id))
    } else {
      void directory.refreshGroup(is(name).group_id)
      void sync.learn(groupConversationId(is(name).group_id))
    }
  }

  #destination({ userId = '', groupId = '' }: SendTarget): Destination {
    if ((userId === '') === (groupId === '')) {
      throw new ImError('invalid_parameter', { detail: 'a message goes to one user or one group' })
    }
    const conversationId =
      userId === '' ? groupConversationId(groupId) : singleConversationId(this.userId, userId)
    return { conversationId, recvId: userId, groupId }
  }

  #touched(id?: string): void {
    this.views.touch(id)
    this.watch.changed()
    this.#events.changed()
  }
}

function sendInput(entry: OutboxEntry): Input<'message.send'> {
  return {
    client_msg_id: entry.clientMsgId,
    msg_type: entry.type,
    content: entry.content,
    ...(entry.recvId === '' ? { group_id: entry.groupId } : { recv_id: entry.recvId }),
  }
}
