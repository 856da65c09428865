import {
  type FrameOutput,
  ImError,
  type Input,
  type OperationName,
  operations,
  singleConversationId,
  type User,
} from '@nexo-im/protocol'
import { createActions } from './actions.ts'
import type { Client, ClientEvents, ConnectionStatus, Model } from './api.ts'
import { type Clock, systemClock } from './clock.ts'
import { httpLink } from './links/http.ts'
import type { LinkDoor } from './links/link.ts'
import { websocketLink } from './links/websocket.ts'
import { type Bell, createBell, createListeners, type Listeners } from './listeners.ts'
import { noConversations, noMessages, type Views } from './model.ts'
import { type Network, platformNetwork } from './network.ts'
import { createRest } from './rest.ts'
import { Session, type Surroundings } from './session.ts'
import { indexedDbOutbox } from './store/indexeddb.ts'
import { memoryOutbox } from './store/memory.ts'
import type { OpenOutbox } from './store/outbox-store.ts'

export interface ClientOptions {
  /** `http(s)://host[:port][/prefix]`, where the REST routes are; the socket is at `/ws` below it. */
  readonly url: string
  /** Platform number for logins that name none: 1 iOS … 5 Web. */
  readonly platformId?: number
  /** Ways to connect, tried in order; WebSocket, then HTTP polling. */
  readonly links?: readonly LinkDoor[]
  /** Where unsent messages are kept: IndexedDB where there is one, else memory. */
  readonly outbox?: OpenOutbox
  /** ms until a request counts as lost; 30,000. */
  readonly timeoutMs?: number
  /**
   * After a break, missed messages are fetched in opened conversations (default), the others are only counted.
   * `all` fetches them everywhere, so that `message` events have no hole: for bots.
   */
  readonly catchUp?: 'opened' | 'all'
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  /** In [0, 1); spreads reconnections. */
  readonly random?: () => number
  readonly network?: Network
}

const idle: ConnectionStatus = { state: 'idle', attempt: 0 }
const farewell = 2000

export function createClient(options: ClientOptions): Client {
  return new ClientSession(options).client()
}

function surroundings(options: ClientOptions): Surroundings {
  const url = options.url.replace(/\/+$/, '')
  const clock = options.clock ?? systemClock()
  const timeoutMs = options.timeoutMs ?? 30_000
  // Called through an arrow: browsers refuse a `fetch` that lost its window.
  const send: typeof fetch = options.fetch ?? ((request, init) => globalThis.fetch(request, init))
  const kept = (): OpenOutbox => ('indexedDB' in globalThis ? indexedDbOutbox() : memoryOutbox())
  return {
    url,
    clock,
    timeoutMs,
    doors: options.links ?? [websocketLink(), httpLink()],
    direct: createRest({ url, clock, timeoutMs, fetch: send }),
    random: options.random ?? Math.random,
    network: options.network ?? platformNetwork(),
    openOutbox: options.outbox ?? kept(),
    catchUp: options.catchUp ?? 'opened',
  }
}

type Told = { readonly [E in keyof ClientEvents]: Listeners<ClientEvents[E]> }

/** Holds the session of the moment; what screens subscribed to outlives it. */
class ClientSession {
  readonly #options: ClientOptions
  readonly #around: Surroundings
  readonly #bell: Bell = createBell()
  readonly #told: Told = {
    status: createListeners(),
    message: createListeners(),
    change: createListeners(),
    event: createListeners(),
  }
  #session: Session | undefined
  #watched: readonly string[] = []

  constructor(options: ClientOptions) {
    this.#options = options
    this.#around = surroundings(options)
  }

  client(): Client {
    const told = this.#told
    return {
      userId: () => this.#session?.userId,
      token: () => this.#session?.token,
      status: () => this.#session?.connection.status ?? idle,
      model: this.#model(),
      call: (name, input) => this.#call(name, input),
      register: (input) => this.#around.direct('auth.register', input, undefined),
      login: (input) => this.#login(input),
      resume: (token) => this.#resume(token),
      setToken: (token) => {
        if (this.#session !== undefined) this.#session.token = token
      },
      logout: () => this.#logout(),
      connect: async () => this.#open().connection.connect(),
      disconnect: async ({ timeoutMs = farewell } = {}) =>
        (await this.#session?.disconnect(timeoutMs)) ?? { unsent: 0 },
      send: (to, message) => this.#open().send(to, message),
      retry: (id) => this.#session?.outbox.retry(id),
      discard: (id) => this.#session?.outbox.discard(id),
      open: async (id) => this.#open().state.sync.open(id),
      loadOlder: async (id) => this.#open().state.sync.loadOlder(id),
      markRead: async (id, seq) => this.#open().state.markRead(id, seq),
      ...createActions((name, input) => this.#call(name, input)),
      typing: (id, on) => this.#open().state.typing.tell(id, on),
      setDraft: (id, text) => this.#open().state.setDraft(id, text),
      loadRelations: async () => this.#open().state.contacts.loadRelations(),
      loadFriendRequests: async () => this.#open().state.contacts.loadRequests(),
      loadPrivacy: async () => this.#open().state.contacts.loadPrivacy(),
      watch: (userIds) => {
        this.#watched = [...userIds]
        this.#session?.state.watch.extra(this.#watched)
      },
      conversationWith: (userId) => singleConversationId(this.#open().userId, userId),
      on: (event, listener) => told[event].add(listener),
    }
  }

  #model(): Model {
    const views = (): Views | undefined => this.#session?.state.views
    return {
      conversations: () => views()?.conversations() ?? noConversations,
      messages: (id) => views()?.messages(id) ?? noMessages,
      conversation: (id) => views()?.conversation(id),
      user: (id) => views()?.user(id),
      group: (id) => views()?.group(id),
      presence: (id) => views()?.presence(id),
      totalUnread: () => views()?.totalUnread() ?? 0,
      relations: () => views()?.relations(),
      friendRequests: () => views()?.friendRequests(),
      privacy: () => views()?.privacy(),
      membership: (groupId) => views()?.membership(groupId),
      subscribe: (listener) => this.#bell.subscribe(listener),
    }
  }

  #open(): Session {
    if (this.#session === undefined) throw new ImError('unauthorized', { detail: 'nobody is signed in here' })
    return this.#session
  }

  async #call<N extends OperationName>(name: N, input: Input<N>): Promise<FrameOutput<N>> {
    if (this.#session !== undefined || operations[name].access === 'user')
      return this.#open().call(name, input)
    return (await this.#around.direct(name, input, undefined)) as unknown as FrameOutput<N>
  }

  async #login(input: Input<'auth.login'>): Promise<User> {
    const { platformId } = this.#options
    const full = platformId === undefined ? input : { platform_id: platformId, ...input }
    const { token, user_info: user } = await this.#around.direct('auth.login', full, undefined)
    this.#begin(user, token)
    return user
  }

  async #resume(token: string): Promise<User> {
    const user = await this.#around.direct('user.info', {}, token)
    if (this.#session?.token === token) this.#session.state.directory.putUser(user)
    else this.#begin(user, token)
    return user
  }

  async #logout(): Promise<void> {
    const session = this.#open()
    // The socket first: otherwise the server ends it, which would look like being thrown out.
    await session.disconnect(farewell)
    try {
      await this.#around.direct('auth.logout', {}, session.token)
    } catch (thrown) {
      if (!(thrown instanceof ImError) || thrown.row.http !== 401) throw thrown
    } finally {
      if (this.#session === session) this.#end()
    }
  }

  #begin(user: User, token: string): void {
    this.#end()
    const mine = (): boolean => this.#session === session
    const session: Session = new Session(this.#around, user, token, {
      status: (status) => this.#told.status.tell(status),
      message: (message) => {
        if (mine()) this.#told.message.tell(message)
      },
      change: (change) => {
        if (mine()) this.#told.change.tell(change)
      },
      event: (event) => {
        if (mine()) this.#told.event.tell(event)
      },
      changed: () => this.#bell.pull(),
    })
    this.#session = session
    session.state.watch.extra(this.#watched)
    this.#told.status.tell(session.connection.status)
    this.#bell.pull()
  }

  #end(): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    session.close()
    this.#bell.pull()
  }
}
