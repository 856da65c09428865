import {
  asImError,
  type Change,
  type Event,
  type EventData,
  type EventName,
  events,
  ImError,
  type Input,
  type LinkEnd,
  linkPair,
  type Message,
  nexoV1Codec,
  type OperationName,
  operationOfFrame,
  operations,
  type Route,
} from '@nexo-im/protocol'
import type { LinkDoor } from '../links/link.ts'
import { localLink } from '../links/local.ts'
import { Ledger } from './ledger.ts'

const codec = nexoV1Codec()

export interface Asked {
  readonly via: 'socket' | 'http'
  readonly name: OperationName
  readonly input: Readonly<Record<string, unknown>>
}

/** One open socket, as the server sees it. */
export interface Socket {
  readonly userId: string
  readonly end: LinkEnd
}

/** A server whose every step a test decides: what arrives, what is answered, what is pushed, when a link is cut. */
export class ScriptedServer {
  readonly ledger = new Ledger()
  /** Every request, in the order it came. */
  readonly asked: Asked[] = []
  readonly dead = new Set<string>()
  readonly sockets: Socket[] = []
  /** What becomes of a handshake and of HTTP. */
  reachable = true
  /** WebSocket is blocked, HTTP is not. */
  blocksSockets = false
  maxFrame = 51_200
  handshakes = 0
  /** May swallow a request, throw an ImError, or cut a socket, before (`undone`) or after it took effect. */
  before: (asked: Asked, socket: Socket | undefined) => 'swallow' | undefined = () => undefined
  after: (asked: Asked, socket: Socket | undefined) => 'swallow' | undefined = () => undefined
  /** What becomes of the push of a message to a socket. */
  push: (message: Message, socket: Socket) => void = (message, socket) => this.deliver(message, socket)

  /** What becomes of pushed changes. */
  pushChanges: (changes: readonly Change[], socket: Socket) => void = (changes, socket) =>
    this.tell(socket, 'changed', { changes: [...changes] })
  /** The socket whose request is being served. */
  #doing: Socket | undefined

  constructor() {
    this.ledger.told = (userId, changes, own) => {
      const except = own ? this.#doing : undefined
      queueMicrotask(() => {
        for (const socket of [...this.sockets])
          if (socket.userId === userId && socket !== except) this.pushChanges(changes, socket)
      })
    }
    this.ledger.stored = (message) => {
      const members = this.ledger.audience(message.conversation_id)
      // In the next turn, so that the answer to the sender leaves before the push.
      queueMicrotask(() => {
        for (const socket of [...this.sockets])
          if (members.includes(socket.userId)) this.push(message, socket)
      })
    }
  }

  /** The way in for clients under test. */
  readonly door: LinkDoor = {
    name: 'scripted',
    maxFrame: 51_200,
    open: (target, listener) => {
      this.handshakes += 1
      const userId = this.#userOf(target.token)
      if (this.reachable && !this.blocksSockets && userId !== undefined) {
        return localLink(() => this.#accept(userId)).open(target, listener)
      }
      queueMicrotask(() => listener.closed(1006, ''))
      return { send: () => undefined, close: () => undefined, buffered: 0 }
    },
  }

  readonly fetch: typeof fetch = async (request, init) => {
    await Promise.resolve()
    if (!this.reachable) throw new TypeError('fetch failed')
    const url = new URL(String(request))
    const method = init?.method ?? 'GET'
    const found = findRoute(method, url.pathname)
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : {}
    const input = { ...queryInput(url), ...found?.params, ...(body as object) }
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length)
    try {
      if (found === undefined) throw new ImError('not_found')
      const userId = token === undefined ? '' : this.#userOf(token)
      if (userId === undefined) throw new ImError('unauthorized')
      const answer = this.#serve({ via: 'http', name: found.name, input }, userId, undefined)
      if (answer === undefined) throw new TypeError('fetch failed')
      return envelope(200, 0, answer.data)
    } catch (thrown) {
      if (thrown instanceof TypeError) throw thrown
      const { row, told } = asImError(thrown)
      return envelope(row.http, row.code, told ?? null)
    }
  }

  deliver(message: Message, socket: Socket): void {
    this.tell(socket, 'message_received', { msgs: { [message.conversation_id]: [message] } })
  }

  tell<N extends EventName>(socket: Socket, name: N, data: EventData<N>): void {
    const { frame }: Event = events[name]
    if (frame !== undefined) socket.end.send(codec.writeEvent(frame, JSON.stringify(data)))
  }

  /** Ends every socket, without a word unless a code says otherwise. */
  cut(code = 1006): void {
    for (const socket of this.sockets.splice(0)) socket.end.close(code)
  }

  /** How often an operation was asked for, by either way. */
  count(name: OperationName): number {
    return this.asked.filter((a) => a.name === name).length
  }

  #userOf(token: string): string | undefined {
    return token.startsWith('t-') && !this.dead.has(token) ? token.slice(2) : undefined
  }

  #accept(userId: string): LinkEnd {
    const [ours, theirs] = linkPair()
    const socket: Socket = { userId, end: ours }
    this.sockets.push(socket)
    ours.open({
      frame: (raw) => this.#frame(raw, socket),
      closed: () => {
        const at = this.sockets.indexOf(socket)
        if (at >= 0) this.sockets.splice(at, 1)
      },
    })
    return theirs
  }

  #frame(raw: string | Uint8Array, socket: Socket): void {
    // Frames still in the air when the link was cut: a real server would never read them.
    if (!this.sockets.includes(socket)) return
    if (raw.length > this.maxFrame) return this.cut(1009)
    const request = codec.readRequest(raw)
    const name = operationOfFrame(request.id)
    try {
      if (name === undefined) throw new ImError('invalid_protocol')
      const input = request.data as Asked['input']
      const answer = this.#serve({ via: 'socket', name, input }, socket.userId, socket)
      if (answer) socket.end.send(codec.writeAnswer(request, undefined, JSON.stringify(answer.data)))
    } catch (thrown) {
      socket.end.send(codec.writeAnswer(request, asImError(thrown), 'null'))
    }
  }

  #serve(asked: Asked, userId: string, socket: Socket | undefined): { data: unknown } | undefined {
    this.asked.push(asked)
    if (this.before(asked, socket) === 'swallow') return undefined
    this.#doing = socket
    let data: unknown
    try {
      data = this.ledger.perform(userId, asked.name, asked.input as Input<OperationName>)
    } finally {
      this.#doing = undefined
    }
    return this.after(asked, socket) === 'swallow' ? undefined : { data }
  }
}

function envelope(status: number, code: number, data: unknown): Response {
  return new Response(JSON.stringify({ code, msg: '', data }), { status })
}

function findRoute(
  method: string,
  path: string,
): { name: OperationName; params: Record<string, string> } | undefined {
  for (const name of Object.keys(operations) as OperationName[]) {
    for (const route of operations[name].routes as readonly Route[]) {
      const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`)
      const match = route.method === method ? pattern.exec(path) : null
      if (match === null) continue
      const params = Object.entries(match.groups ?? {}).map(([key, value]) => [
        key,
        decodeURIComponent(value),
      ])
      return { name, params: Object.fromEntries(params) }
    }
  }
  return undefined
}

function queryInput(url: URL): Record<string, unknown> {
  return Object.fromEntries([...url.searchParams].map(([key, value]) => [key, fromQuery(value)]))
}

function fromQuery(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true'
  return /^\d+$/.test(value) ? Number(value) : value
}
