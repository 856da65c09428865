import type { Message } from '@nexo-im/protocol'
import type { IndexName, Key, Kind, Row } from './tables.ts'

/** A record as stored: its row and the version that its next writer must name. */
export type Stored<K extends Kind> = Row<K> & { readonly version: number }

/** One message in a conversation's log. */
export interface Entry {
  readonly conversation_id: string
  /** 1, 2, 3… per conversation, without gap or reuse. */
  readonly seq: number
  readonly id: number
  readonly sender_id: string
  readonly client_msg_id: string
  readonly msg_type: number
  /** The typed body as JSON text, so that a push need not encode it again; '' once it was recalled or erased. */
  readonly body: string
  readonly send_at: number
  /**
   * What else is known of it, as the inside of a JSON object (`"mentions":["bob"],"edited_at":5`), so that an answer
   * can take it over as it is; '' for almost every message.
   */
  readonly meta: string
  /** SHA-256 over salt and body as sent; the salt goes with the body. Base64url, as is the chain. */
  readonly salt: string
  readonly digest: string
  /** SHA-256 over the chain value of the message before it, and this one's digest and fixed fields. */
  readonly chain: string
}

/** A shape of the contract whose messages are still as stored; each door shows them in its own view. */
export type WithEntries<T> = T extends Message
  ? Entry
  : T extends readonly (infer U)[]
    ? WithEntries<U>[]
    : T extends object
      ? { [K in keyof T]: WithEntries<T[K]> }
      : T

/** What may change of a stored message; seq, ids, digest and chain never do. */
export interface Amend {
  readonly conversation_id: string
  readonly seq: number
  readonly body: string
  readonly meta: string
  readonly salt: string
}

/** A condition under which a change may be written. Version 0 means: there is no such record. */
export type Expectation =
  | { readonly kind: Kind; readonly key: Key; readonly version: number }
  | { readonly conversation: string; readonly head: number }

export type Put = { [K in Kind]: { readonly kind: K; readonly row: Row<K> } }[Kind]

/** Raises number fields of an existing record to at least these values; an absent record stays absent. */
export interface Raise {
  readonly kind: Kind
  readonly key: Key
  readonly to: Readonly<Record<string, number>>
}

/** What one caller wants written: all of it, or nothing. */
export interface Change {
  readonly expect?: readonly Expectation[]
  readonly append?: Entry
  readonly amend?: readonly Amend[]
  readonly put?: readonly Put[]
  readonly raise?: readonly Raise[]
  readonly remove?: readonly { readonly kind: Kind; readonly key: Key }[]
}

/**
 * Why a change cannot stand: `seq` – the offered seq is not the next one (another node wrote); `twin` – this
 * sender's client_msg_id is stored already, with that entry; `expect` – a condition does not hold.
 */
export interface Refusal {
  /** Index into the offered changes. */
  readonly change: number
  readonly why: 'seq' | 'twin' | 'expect'
  readonly twin?: Entry
}

/**
 * Makes the changes of one batch, once the store knows where they will stand. Nothing else is written between the call
 * and the commit, so what it reads is what the changes meet. A store may ask again when others wrote before it.
 * @param from position of the first change; the others follow it one by one
 */
export type Proposal = (from: number) => readonly Change[] | Promise<readonly Change[]>

export interface CommitResult {
  /** Position of the first change. */
  readonly from: number
  /** Every change that cannot stand; where there is one, nothing was written and no position was used. */
  readonly refused: readonly Refusal[]
}

export interface ListPage {
  /** Values of the index fields after the prefix; only rows beyond them are listed. */
  readonly after?: Key
  readonly limit?: number
}

/**
 * Where everything is kept. The law every driver obeys (proved by `storage/store.contract.ts`):
 * - Resolved means durable: what `commit` kept survives a power cut.
 * - Atomic: every change of a batch stands, or none.
 * - One log: commits of all nodes have one order, and positions rise in it, in a shared store without gap. Whoever read
 *   `position` finds everything up to it, and nothing is written at or below it any more.
 * - Changes of a batch take effect in order; each sees those before it. A batch names each client_msg_id once.
 * - The store never invents a seq: it writes the offered one or refuses. Unique (conversation, seq) and unique
 *   (sender, client_msg_id) are the only judges.
 * - An amend of an entry that is not there is ignored; it changes body, meta and salt and nothing else.
 * - Every put and every raise that alters a record adds to its version; a first put makes it 1. Raises of one batch that
 *   nothing looks at in between may count as one.
 * - Visible n means visible n−1: no reader ever sees a hole in a conversation.
 * - Damaged, full or unreachable is thrown, never answered as "empty"; a value that does not fit is `invalid_parameter`.
 */
export interface Store {
  readonly traits: StoreTraits
  get<K extends Kind>(kind: K, keys: readonly Key[]): Promise<(Stored<K> | undefined)[]>
  /** Rows whose leading index fields equal `prefix`, in index order. */
  list<K extends Kind>(kind: K, index: IndexName<K>, prefix: Key, page?: ListPage): Promise<Stored<K>[]>
  /** Entries from `from` to `to`, both inclusive, ascending, at most `limit`. */
  read(conversation: string, from: number, to: number, limit: number): Promise<Entry[]>
  /** The last entry of each conversation, undefined where none was written. */
  heads(conversations: readonly string[]): Promise<(Entry | undefined)[]>
  /** Entries by (sender_id, client_msg_id). */
  twins(keys: readonly (readonly [string, string])[]): Promise<(Entry | undefined)[]>
  /** Position of the last change that stands. */
  position(): Promise<number>
  commit(propose: Proposal): Promise<CommitResult>
  /** Rows of a kind in the order of their key, behind `after`: for going through a whole store. */
  scan<K extends Kind>(kind: K, page: ListPage): Promise<Stored<K>[]>
  /** Ids of the conversations that have messages, in order, behind `after`. */
  conversations(page: { readonly after?: string; readonly limit: number }): Promise<string[]>
  /** Positions go on behind this one at the least: for a store that is filled from another. */
  advance(position: number): Promise<void>
  /**
   * Everything as it stands at one moment, to be read while others go on writing; a commit to it throws. Absent where the
   * engine has no such thing.
   */
  snapshot?(): Promise<Store>
  /**
   * Writes everything into a new SQLite file, as it stands when the last page is written, while others go on writing.
   * Absent where the engine is another. @param progress told of pages
   */
  copyTo?(file: string, progress: (done: number, all: number) => void): Promise<void>
  /** Connections to a server, where there is one. */
  pool?(): Pool
  /** How far the memory of its own commits spares it questions, where there is one. */
  recall?(): Readonly<Recall>
  close(): Promise<void>
}

export interface StoreTraits {
  /** D0 memory, D1 survives a kill of the process, D2 survives a power cut. */
  readonly durability: 'D0' | 'D1' | 'D2'
  /** Other processes may write the same data; else whatever this one remembers of its own commits stays true. */
  readonly isShared: boolean
  /** How long one question to it may take before it fails as `unavailable`, ms; absent where nothing is waited for. */
  readonly patience?: number
}

/** Positions rise from here: ids keep seven digits or more and never look like a seq or a type number. */
export const logStart = 1_000_000

export interface Pool {
  /** Never exceeded. */
  readonly limit: number
  readonly open: number
  readonly busy: number
  /** Requests that wait for a free connection. */
  readonly waiting: number
}

/** What a memory knew, and what had to be looked up; both only rise. */
export interface Recall {
  hits: number
  misses: number
}

/**
 * Carries what nodes of one service say to each other. It may lose something and may come and go; it never reorders what
 * one node said. What is said is no truth: that is in the store.
 */
export interface Bus {
  /** To every node, this one included. Never waits and never throws. */
  publish(text: string): void
  /** Called for whatever any node says, once per bus. */
  subscribe(hear: (text: string) => void): void
  /** Called whenever the connection is there again: something may have been missed meanwhile. */
  onReturn(run: () => void): void
  readonly isUp: boolean
  close(): Promise<void>
}

/** Time, owned by whoever composes the service, so that tests can move it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number
  /** Runs after the sockets that are readable now were read: what gathers until then shares one commit. */
  soon(run: () => void): void
  /** Runs once every promise that can settle now has settled: answers made meanwhile share one write. */
  afterTurn(run: () => void): void
  after(ms: number, run: () => void): () => void
}

export interface TokenClaims {
  readonly userId: string
  readonly platformId: number
  readonly sessionId: string
  /** Unix seconds. */
  readonly expiresAt: number
  /** Of a refresh token only: which one in the row of its sign-in. A token for requests has none. */
  readonly generation?: number
}

export interface Tokens {
  sign(claims: TokenClaims): Promise<string>
  /** Throws `token_invalid` or `token_expired`. */
  verify(token: string): Promise<TokenClaims>
}

export interface Passwords {
  /** Throws `too_many_requests` when the queue of the thread pool is full. */
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Random names: UUIDs for sessions and connections, salts of 16 bytes in base64url. */
export interface Random {
  uuid(): string
  salt(): string
}
