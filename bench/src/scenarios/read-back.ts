import type { Api, HistoryMessage } from '../http.ts'
import type { SentColumns } from '../load/plan.ts'
import { inParallel } from '../parallel.ts'

export interface Conversation {
  readonly id: string
  /** Token of a member, who reads it all. */
  readonly reader: string
}

/** What the history says about the acks. */
export interface ReadBack {
  readonly stored: number
  /** Acked, but not there, or there with another seq, id or text. */
  readonly missing: number
  /** Stored twice. */
  readonly duplicates: number
  /** Places where the seqs of a conversation are not 1, 2, 3… */
  readonly outOfOrder: number
  /** Stored, but never sent. */
  readonly invented: number
}

const readersAtOnce = 8

/**
 * Reads every conversation from its first message on and compares it with what was acked.
 * `userIds` are the clients' in the order of the plan; `text` is that of all messages, or of message n.
 */
export async function readBack(
  api: Pick<Api, 'pull'>,
  conversations: readonly Conversation[],
  sent: SentColumns,
  userIds: readonly string[],
  text: string | ((n: number) => string),
): Promise<ReadBack> {
  const textOf = typeof text === 'string' ? () => text : text
  const clients = new Map(userIds.map((id, index) => [id, index]))
  const seen = new Uint8Array(sent.client.length)
  const found = { stored: 0, missing: 0, duplicates: 0, outOfOrder: 0, invented: 0 }
  const judge = (message: HistoryMessage): void => {
    const n = /^\d{12}$/.test(message.client_msg_id) ? Number(message.client_msg_id) : -1
    found.stored += 1
    if (n < 0 || n >= seen.length || clients.get(message.sender_id) !== sent.client[n]) found.invented += 1
    else if (seen[n] === 1) found.duplicates += 1
    else if (sent.seq[n] === 0) seen[n] = 1
    else if (message.seq === sent.seq[n] && message.server_msg_id === sent.serverId[n]) {
      // With another text it stays unseen, and so counts as missing.
      if (message.content.text?.text === textOf(n)) seen[n] = 1
    }
  }
  await inParallel(conversations, readersAtOnce, async ({ id, reader }) => {
    let last = 0
    for (;;) {
      const page = await api.pull(reader, id, last + 1)
      for (const message of page.messages) {
        if (message.seq !== last + 1 || message.conversation_id !== id) found.outOfOrder += 1
        last = message.seq
        judge(message)
      }
      if (page.messages.length > 0 && last < page.max_seq) continue
      if (last !== page.max_seq) found.outOfOrder += 1
      return
    }
  })
  for (let n = 0; n < seen.length; n++) if (sent.seq[n] !== 0 && seen[n] === 0) found.missing += 1
  return found
}
