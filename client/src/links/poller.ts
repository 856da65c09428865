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

/** Newest messages fetched per conversation and look; the owner pulls what lies before them. */
const mostNews = 100

/** Finds out by asking what a socket would have told. The first look tells nothing: it is where the link begins. */
export class Poller {
  readonly #call: PlainCall
  readonly #tell: Tell
  /** Newest seq that was told, per conversation. */
  readonly #heads = new Map<string, number>()
  #position: string | undefined
  #watched = new Map<string, Online>()

  constructor(call: PlainCall, tell: Tell) {
    this.#call = call
    this.#tell = tell
  }

  async poll(): Promise<void> {
    if (this.#position === undefined) await this.#begin()
    else await this.#news(this.#position)
    if (this.#watched.size > 0) await this.#lookWho()
  }

  /** Replaces the users whose coming and going is told. */
  async watch(userIds: readonly string[]): Promise<Online[]> {
    const users = userIds.length === 0 ? [] : await this.#call('presence.get', { user_ids: [...userIds] })
    this.#watched = new Map(users.map((user) => [user.user_id, user]))
    return users
  }

  /** The position first: what happens before the list is there comes with the next look, once. */
  async #begin(): Promise<void> {
    const { position } = await this.#call('sync.changes', {})
    for (const row of await this.#call('conversation.all', {}))
      this.#heads.set(row.conversation_id, row.max_seq)
    this.#position = position
  }

  async #news(from: string): Promise<void> {
    let position = from
    for (let more = true; more; ) {
      const answer = await this.#call('sync.changes', { position })
      for (const { conversation } of answer.changes) if (conversation) await this.#messages(conversation)
      if (answer.changes.length > 0) this.#tell('changed', { changes: answer.changes })
      position = answer.position
      this.#position = position
      more = answer.has_more
    }
  }

  /** Messages before the change that counts them, as a socket tells them. */
  async #messages(row: Conversation): Promise<void> {
    const { conversation_id: id, max_seq: head, min_seq: first = 1, read_seq: read } = row
    const from = this.#heads.get(id) ?? Math.max(first - 1, Math.min(read, head))
    this.#heads.set(id, Math.max(from, head))
    if (head <= from) return
    const { messages } = await this.#call('message.pull', {
      conversation_id: id,
      begin_seq: Math.max(from + 1, head - mostNews + 1),
      end_seq: head,
    })
    this.#tell('message_received', { msgs: { [id]: messages } })
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
