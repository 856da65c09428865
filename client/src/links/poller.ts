import {
  type Conversation,
  type EventData,
  type EventName,
  ImError,
  type Input,
  type Message,
  type Online,
  type OperationName,
  type Output,
  onlineStatus,
} from '@nexo-im/protocol'

/** A REST call in the name of the link's user. */
export type PlainCall = <N extends OperationName>(name: N, input: Input<N>) => Promise<Output<N>>

type Tell = <N extends EventName>(name: N, data: EventData<N>) => void

const page = 50
/** Newest messages fetched per conversation and look; the owner pulls what lies before them. */
const mostNews = 100

/** Finds out by asking what a socket would have told. The first look tells nothing: it is where the link begins. */
export class Poller {
  readonly #call: PlainCall
  readonly #tell: Tell
  readonly #known = new Map<string, Conversation>()
  #watched = new Map<string, Online>()
  #started = false

  constructor(call: PlainCall, tell: Tell) {
    this.#call = call
    this.#tell = tell
  }

  async poll(): Promise<void> {
    for (const row of await this.#news()) {
      const old = this.#known.get(row.conversation_id)
      this.#known.set(row.conversation_id, row)
      if (this.#started) await this.#report(row, old)
    }
    this.#started = true
    if (this.#watched.size > 0) await this.#lookWho()
  }

  /** Replaces the users whose coming and going is told. */
  async watch(userIds: readonly string[]): Promise<Online[]> {
    const users = userIds.length === 0 ? [] : await this.#call('presence.get', { user_ids: [...userIds] })
    this.#watched = new Map(users.map((user) => [user.user_id, user]))
    return users
  }

  /** The list is sorted by change, so a page without news ends the look. */
  async #news(): Promise<Conversation[]> {
    const news: Conversation[] = []
    let cursor: Pick<Input<'conversation.list'>, 'cursor_updated_at' | 'cursor_conversation_id'> = {}
    for (;;) {
      const answer = await this.#call('conversation.list', { limit: page, ...cursor })
      const { list, next_cursor: next } = Array.isArray(answer) ? { list: answer } : answer
      const fresh = list.filter((row) => !same(row, this.#known.get(row.conversation_id)))
      news.push(...fresh)
      if (next === undefined || (this.#started && fresh.length === 0)) return news
      cursor = { cursor_updated_at: next.updated_at, cursor_conversation_id: next.conversation_id }
    }
  }

  async #report(row: Conversation, old: Conversation | undefined): Promise<void> {
    const id = row.conversation_id
    const from = old?.max_seq ?? 0
    if (row.max_seq > from) {
      const { messages } = await this.#call('message.pull', {
        conversation_id: id,
        begin_seq: Math.max(from + 1, row.max_seq - mostNews + 1),
        end_seq: row.max_seq,
      })
      this.#tell('message_received', { msgs: { [id]: messages } })
    }
    if (row.read_seq > (old?.read_seq ?? 0)) {
      const { read_seq, unread_count } = row
      this.#tell('conversation_read', { conversation_id: id, read_seq, unread_count })
    }
    if (old === undefined || row.is_pinned !== old.is_pinned || row.recv_msg_opt !== old.recv_msg_opt) {
      this.#tell('conversation_changed', { conversation_id: id })
    }
  }

  async #lookWho(): Promise<void> {
    for (const user of await this.#call('presence.get', { user_ids: [...this.#watched.keys()] })) {
      const old = this.#watched.get(user.user_id)
      this.#watched.set(user.user_id, user)
      if (user.status === old?.status) continue
      this.#tell(user.status === onlineStatus.online ? 'user_online' : 'user_offline', user)
    }
  }
}

function same(a: Conversation, b: Conversation | undefined): boolean {
  return (
    a.max_seq === b?.max_seq &&
    a.read_seq === b.read_seq &&
    a.is_pinned === b.is_pinned &&
    a.recv_msg_opt === b.recv_msg_opt
  )
}

export async function newestSeqs(call: PlainCall, ids: readonly string[]): Promise<Record<string, number>> {
  const seqs: Record<string, number> = {}
  for (const id of ids) {
    try {
      seqs[id] = (await call('message.max_seq', { conversation_id: id })).max_seq
    } catch (thrown) {
      // Without access the frame answers 0, no error.
      if (!(thrown instanceof ImError) || thrown.kind !== 'no_permission') throw thrown
      seqs[id] = 0
    }
  }
  return seqs
}

export async function pullList(
  call: PlainCall,
  { seq_list: seqs = [], ...range }: Input<'message.pull_list'>,
): Promise<Output<'message.pull_list'>> {
  if (seqs.length === 0) return call('message.pull', range)
  const messages: Message[] = []
  let maxSeq = 0
  for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) {
    const { conversation_id } = range
    const answer = await call('message.pull', { conversation_id, begin_seq: seq, end_seq: seq })
    messages.push(...answer.messages)
    maxSeq = answer.max_seq
  }
  return { messages, max_seq: maxSeq }
}
