import type {
  Change,
  EventData,
  EventName,
  FrameOutput,
  FriendRequest,
  Group,
  ImError,
  Input,
  Member,
  Message,
  Notice,
  Online,
  OperationName,
  Privacy,
  Relation,
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
  /**
   * On its way, refused, stored; of own messages in single chats also whether the other side's device has it and
   * whether it was read, as far as they let it be seen.
   */
  readonly status: 'sending' | 'failed' | 'sent' | 'delivered' | 'read'
  readonly error?: ImError
  /** User ids; `*` is everybody. */
  readonly mentions?: readonly string[]
  /** Sent on from another conversation. */
  readonly forwarded?: boolean
  /** Unix ms of the last edit, and how many there were. */
  readonly editedAt?: number
  readonly edits?: number
  /** The body is gone for everybody, `content` is empty; `at` in Unix ms. */
  readonly gone?: {
    readonly cause: 'recalled' | 'deleted' | 'expired'
    readonly by: string
    readonly at: number
  }
  /** The own user deleted it for themselves; `content` is empty. */
  readonly hidden?: boolean
  /** Unix ms at which it disappears. */
  readonly expiresAt?: number
  /** How many reacted, by emoji. */
  readonly reactions?: Readonly<Record<string, number>>
  /** Emojis the own user reacted with. */
  readonly myReactions?: readonly string[]
  readonly pinned?: { readonly by: string; readonly at: number }
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
  /** Unread messages that mention the own user or everybody, and the oldest of them. */
  readonly mentions: number
  readonly mentionSeq?: number
  /** Unsent words, shared by the own devices; `''` when there are none. */
  readonly draft: string
  /** To be shown as unread until it is read again. */
  readonly markedUnread: boolean
  /** Left out of `conversations()` until the next message. */
  readonly hidden: boolean
  /** Seconds after which messages disappear. */
  readonly expireAfter?: number
  /** How far the other side of a single chat has read and received, as far as it lets this be seen. */
  readonly peerReadSeq?: number
  readonly peerDeliveredSeq?: number
  /** First visible seq; rises when the history is cleared. */
  readonly minSeq?: number
  /** Who writes at this moment. */
  readonly typing: readonly string[]
}

export interface MessagesView {
  readonly messages: readonly ChatMessage[]
  /**
   * System messages of the loaded stretch: each stands behind message `at_seq` and before `at_seq` + 1, among
   * themselves in this order.
   */
  readonly notices: readonly Notice[]
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
  /** User ids; `*` is everybody. */
  readonly mentions?: readonly string[]
}

/** Requests that wait for an answer, the oldest first. */
export interface FriendRequests {
  readonly incoming: readonly FriendRequest[]
  readonly outgoing: readonly FriendRequest[]
}

export interface Forwarding {
  /** All in one message, under this title. */
  readonly merged?: boolean
  readonly title?: string
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
  /**
   * Friends, blocked users and whoever has a remark, by user id. The first look asks the server: undefined until it
   * answered. The next three are the same.
   */
  readonly relations: () => ReadonlyMap<string, Relation> | undefined
  readonly friendRequests: () => FriendRequests | undefined
  readonly privacy: () => Privacy | undefined
  /** The own membership of a group: role, mute, nickname; also undefined where there never was one. */
  readonly membership: (groupId: string) => Member | undefined
  /** Called after every change; returns the way out. */
  readonly subscribe: (listener: () => void) => () => void
}

export interface ClientEvents {
  readonly status: ConnectionStatus
  readonly message: ChatMessage
  /** A later state of anything in the account, live or caught up; told after the model took it in, sometimes twice. */
  readonly change: Change
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
  /**
   * Goes on with a renewed token of the same sign-in (`auth.refresh`): requests and later connections use it, the present
   * connection stays. Does nothing while nobody is signed in.
   */
  setToken(token: string): void
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
  /** Also takes the mark off that says "unread". */
  markRead(conversationId: string, seq?: number): Promise<void>
  /** Changes the words of an own text or quote. */
  edit(conversationId: string, seq: number, content: Message['content']): Promise<ChatMessage>
  /** Takes a message back for everybody. */
  recall(conversationId: string, seq: number): Promise<void>
  /** Deletes messages for the own user alone, or for everybody; at most 100 at once. */
  remove(
    conversationId: string,
    seqs: readonly number[],
    options?: { readonly forEveryone?: boolean },
  ): Promise<void>
  react(conversationId: string, seq: number, emoji: string, remove?: boolean): Promise<void>
  /** Sends messages on, at most 100 at once; answers what was sent. */
  forward(
    conversationId: string,
    seqs: readonly number[],
    to: SendTarget,
    options?: Forwarding,
  ): Promise<ChatMessage[]>
  pin(conversationId: string, seq: number): Promise<void>
  unpin(conversationId: string, seq: number): Promise<void>
  /** Tells that the own user writes, or stopped; may be called with every key, one frame leaves in 3 s. */
  typing(conversationId: string, on: boolean): void
  /** Shown at once, told to the own other devices a second after the last call. */
  setDraft(conversationId: string, text: string): void
  /** Loads what `model.relations` shows, once, and resolves when it is there. */
  loadRelations(): Promise<void>
  loadFriendRequests(): Promise<void>
  loadPrivacy(): Promise<void>
  /** Users whose coming and going the model shows, beside the peers of single chats. */
  watch(userIds: readonly string[]): void
  /** The id of the single chat with a user; the conversation need not exist yet. */
  conversationWith(userId: string): string
  on<E extends keyof ClientEvents>(event: E, listener: (data: ClientEvents[E]) => void): () => void
}
