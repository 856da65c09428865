import { type Change, type Conversation, type EventData, type Message, sessionType } from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'
import type { Call } from './call.ts'
import { Changes } from './changes.ts'
import { chatMessage } from './chat-message.ts'
import type { Clock } from './clock.ts'
import { Contacts } from './contacts.ts'
import { Deliveries } from './deliveries.ts'
import { Directory } from './directory.ts'
import { Drafts } from './drafts.ts'
import { createEcho, type Echo } from './echo.ts'
import { Extras } from './extras.ts'
import { Views } from './model.ts'
import type { Outbox } from './outbox.ts'
import { Reads } from './reads.ts'
import { Rows } from './rows.ts'
import { Stream } from './stream.ts'
import { Sync } from './sync.ts'
import { Typing } from './typing.ts'
import { Watch } from './watch.ts'

export interface StateParts {
  readonly me: string
  readonly call: Call
  readonly clock: Clock
  readonly random: () => number
  readonly catchUp: 'opened' | 'all'
  readonly outbox: Outbox
  readonly online: () => boolean
  readonly message: (message: ChatMessage) => void
  readonly change: (change: Change) => void
  /** Some snapshot may have changed. */
  readonly changed: () => void
}

/** Chats of a list whose messages are acked at once: a long absence is no reason for a thousand frames. */
const mostReceived = 50

/** Everything known of one account, and what keeps it in step with the server. Composition only; the rules are in the parts. */
export class State {
  readonly views: Views
  readonly sync: Sync
  readonly stream: Stream
  readonly watch: Watch
  readonly directory: Directory
  readonly contacts: Contacts
  readonly typing: Typing
  readonly drafts: Drafts
  readonly echo: Echo
  readonly #parts: StateParts
  readonly #rows: Rows
  readonly #reads: Reads
  readonly #extras: Extras
  readonly #changes: Changes
  readonly #deliveries: Deliveries

  constructor(parts: StateParts) {
    const { me, call, clock, random, online, outbox } = parts
    const touched = (id?: string): void => this.touched(id)
    const learn = (id: string): Promise<void> => this.#changes.learn(id)
    this.#parts = parts
    const rows = new Rows(me)
    this.#rows = rows
    this.#reads = new Reads({ call, rows, learn })
    this.directory = new Directory(call, touched)
    this.contacts = new Contacts({ me, call, touched })
    this.watch = new Watch({ call, clock, rows, touched })
    this.typing = new Typing({ call, clock, online, touched })
    this.drafts = new Drafts({ call, clock, rows })
    this.#deliveries = new Deliveries({ call, clock, online })
    this.#extras = new Extras({ call, clock, random, touched, hide: (id, seqs) => this.sync.hide(id, seqs) })
    this.sync = this.#createSync(learn)
    const { sync, directory, contacts, watch, typing } = this
    const extras = this.#extras
    const changes = new Changes({
      me,
      call,
      rows,
      sync,
      extras,
      directory,
      contacts,
      touched,
      told: parts.change,
      listed: (listed) => this.#received([listed]),
    })
    this.#changes = changes
    this.stream = new Stream({
      call,
      clock,
      random,
      rows,
      sync,
      changes,
      loaded: (listed) => {
        this.#received(listed)
        this.#reload()
      },
    })
    this.views = new Views({ me, rows, sync, outbox, directory, watch, extras, contacts, typing })
    this.echo = createEcho({
      me,
      directory,
      rows,
      sync,
      watch,
      changes,
      stream: this.stream,
      contacts,
      extras,
    })
  }

  receive(messages: EventData<'message_received'>['msgs']): void {
    this.sync.receive(messages)
    this.stream.counted(Object.values(messages).reduce((sum, some) => sum + some.length, 0))
  }

  receipt(receipt: EventData<'receipt'>): void {
    this.#rows.receipt(receipt)
    this.touched(receipt.conversation_id)
  }

  /** Pushes were left out: the named messages, and changes that only asking tells. */
  resync(conversations: Readonly<Record<string, number>>): void {
    this.sync.resync(conversations)
    this.stream.pull()
  }

  async markRead(id: string, seq?: number): Promise<void> {
    const upTo = seq ?? this.#rows.get(id)?.maxSeq ?? 0
    this.#deliveries.read(id, upTo)
    const marked = this.#reads.mark(id, upTo)
    this.touched(id)
    await marked
  }

  setDraft(id: string, text: string): void {
    this.drafts.set(id, text)
    this.touched(id)
  }

  online(): void {
    this.stream.online()
    this.watch.online()
    this.directory.online()
    this.contacts.online()
    this.#reads.online()
    this.#deliveries.online()
    void this.drafts.flush()
  }

  offline(): void {
    this.stream.offline()
    this.watch.offline()
    this.typing.offline()
    this.#deliveries.offline()
  }

  close(): void {
    this.offline()
    this.drafts.close()
    this.#extras.close()
    this.sync.close()
  }

  touched(id?: string): void {
    this.views.touch(id)
    this.watch.changed()
    this.#parts.changed()
  }

  #createSync(learn: (id: string) => Promise<void>): Sync {
    const { me, call, clock, random, catchUp, outbox } = this.#parts
    return new Sync({
      me,
      call,
      clock,
      random,
      rows: this.#rows,
      catchUp,
      learn,
      confirm: (message: Message) => outbox.confirm(message, chatMessage(message)),
      touched: (id) => this.touched(id),
      fresh: (message) => this.#fresh(message),
      beside: (id, begin, end) => this.#extras.load(id, begin, end),
      reacted: (id, seq) => this.#extras.reacted(id, seq),
    })
  }

  #fresh(message: ChatMessage): void {
    const { conversationId: id, senderId, seq } = message
    if (senderId !== this.#parts.me) {
      this.typing.ended(id, senderId)
      this.#deliveries.received(id, seq)
    }
    this.#parts.message(message)
  }

  /** Messages that a list counts have arrived here too, as far as a sender can see it: in single chats. */
  #received(listed: readonly Conversation[]): void {
    const newest = listed.filter(
      ({ conversation_type: type, unread_count: unread, last_message: last }) =>
        type === sessionType.single && unread > 0 && last !== undefined && last.sender_id !== this.#parts.me,
    )
    for (const { conversation_id: id, max_seq: seq } of newest.slice(0, mostReceived)) {
      this.#deliveries.received(id, seq)
    }
  }

  /** What was loaded before the list: no change will tell how it stands now. */
  #reload(): void {
    this.sync.refresh()
    this.contacts.reload()
    this.directory.reload()
  }
}
