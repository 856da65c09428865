import type {
  EventData,
  EventName,
  FrameOutput,
  Group,
  ImError,
  Input,
  Message,
  Online,
  OperationName,
  User,
} from '@nexo-im/protocol'

/** Where a connection stands; the table in `connection.ts` names every legal move. */
export type ConnectionState = 'idle' | 'connecting' | 'online' | 'waiting' | 'offline' | 'ended'

export interface ConnectionStatus {
  readonly state: ConnectionState
  /** Attempts since the last time online. */
  readonly attempt: number
  /** Unix ms of the next attempt while `waiting`. */
  readonly retryAt?: number
  /** Why the session ended (`kicked` reason or the error of the door), only in `ended`. */
  readonly reason?: string
}

/** One message as a screen shows it: stored by the server, or still on its way. */
export interface ChatMessage {
  readonly clientMsgId: string
  readonly conversationId: string
  /** 0 until the server has numbered it. */
  readonly seq: number
  readonly senderId: string
  readonly type: number
  /** Typed content: exactly one key, e.g. `{ text: { text: 'hi' } }`. */
  readonly content: Message['content']
  /** Unix ms; the local clock until the server answered. */
  readonly sentAt: number
  readonly status: 'sending' | 'failed' | 'sent'
  readonly error?: ImError
}

export interface ConversationView {
  readonly id: string
  readonly type: 'single' | 'group'
  /** The other user of a single chat; `''` in groups. */
  readonly peerId: string
  readonly groupId: string
  readonly title: string
  readonly avatar: string
  readonly unread: number
  readonly maxSeq: number
  readonly readSeq: number
  readonly pinned: boolean
  readonly receiveOption: number
  readonly updatedAt: number
  readonly lastMessage?: ChatMessage
}

export interface MessagesView {
  readonly messages: readonly ChatMessage[]
  /** Whether older messages may exist above the first one. */
  readonly hasOlder: boolean
  readonly loading: boolean
}

export interface SendTarget {
  readonly userId?: string
  readonly groupId?: string
}

export interface Outgoing {
  /** Number of the message type, `msgType.text` … */
  readonly type: number
  /** Typed content, `{ text: { text } }`. */
  readonly content: Message['content']
}

/** Snapshots that change identity only when their content changes, and a bell. */
export interface Model {
  readonly conversations: () => readonly ConversationView[]
  readonly messages: (conversationId: string) => MessagesView
  readonly conversation: (conversationId: string) => ConversationView | undefined
  readonly user: (userId: string) => User | undefined
  readonly group: (groupId: string) => Group | undefined
  readonly presence: (userId: string) => Online | undefined
  readonly totalUnread: () => number
  /** Called after every change; returns the way out. */
  readonly subscribe: (listener: () => void) => () => void
}

export interface ClientEvents {
  readonly status: ConnectionStatus
  readonly message: ChatMessage
  /** Any event of the contract, as it came. */
  readonly event: { readonly name: EventName; readonly data: EventData<EventName> }
}

export interface Client {
  readonly userId: () => string | undefined
  readonly token: () => string | undefined
  readonly status: () => ConnectionStatus
  readonly model: Model
  /** Any operation of the contract, typed from the table: over the socket when online, else over HTTP. */
  call<N extends OperationName>(name: N, input: Input<N>): Promise<FrameOutput<N>>
  register(input: Input<'auth.register'>): Promise<User>
  /** Opens a session and remembers its token; does not connect. */
  login(input: Input<'auth.login'>): Promise<User>
  /** Takes up a session whose token was kept; asks `user.info`. */
  resume(token: string): Promise<User>
  logout(): Promise<void>
  /** Resolves when online for the first time; keeps itself connected until `disconnect`. */
  connect(): Promise<void>
  /** Waits for what is being sent, at most `timeoutMs` (2,000); tells how many stay in the outbox. */
  disconnect(options?: { timeoutMs?: number }): Promise<{ unsent: number }>
  /**
   * Puts a message into the outbox, durably, before anything is sent; works offline.
   * The promise resolves with the acked message, or rejects when the server refuses it for good.
   */
  send(
    to: SendTarget,
    message: Outgoing,
  ): { readonly clientMsgId: string; readonly acked: Promise<ChatMessage> }
  /** Tries a failed message again under the same client_msg_id. */
  retry(clientMsgId: string): void
  /** Drops a failed message from the outbox. */
  discard(clientMsgId: string): void
  /** Loads the newest page of a conversation (once) and keeps it fresh. */
  open(conversationId: string): Promise<void>
  loadOlder(conversationId: string): Promise<void>
  markRead(conversationId: string, seq?: number): Promise<void>
  /** Users whose coming and going the model shows, beside the peers of single chats. */
  watch(userIds: readonly string[]): void
  /** The id of the single chat with a user; the conversation need not exist yet. */
  conversationWith(userId: string): string
  on<E extends keyof ClientEvents>(event: E, listener: (data: ClientEvents[E]) => void): () => void
}
