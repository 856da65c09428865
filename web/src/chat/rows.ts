import type { ChatMessage } from '@nexo-im/client'
import { dayOf } from '../dates.ts'

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | MessageRow

export interface MessageRow {
  readonly kind: 'message'
  readonly key: string
  readonly message: ChatMessage
  /** Whether it opens and closes a run of one sender's bubbles. */
  readonly first: boolean
  readonly last: boolean
}

export interface RowOptions {
  readonly ownId: string
  /** Whether more may exist above: then the first message opens no day and no run, as nobody knows yet. */
  readonly hasOlder: boolean
  /** Seq of the first message that was unread when the conversation was opened. */
  readonly firstUnread: number | undefined
}

const runMs = 5 * 60_000

/**
 * The lines of a chat. The key of a line never changes while messages come above or below it, for the list
 * holds the reading place by keys.
 */
export function rowsOf(messages: readonly ChatMessage[], options: RowOptions): Row[] {
  const rows: Row[] = []
  const mark = unreadMark(messages, options)
  messages.forEach((message, i) => {
    const above = messages[i - 1]
    const below = messages[i + 1]
    const newDay = above === undefined ? !options.hasOlder : dayOf(above.sentAt) !== dayOf(message.sentAt)
    if (newDay) rows.push({ kind: 'day', key: `day ${dayOf(message.sentAt)}`, at: message.sentAt })
    if (message === mark) rows.push({ kind: 'unread', key: 'unread' })
    rows.push({
      kind: 'message',
      key: keyOf(message),
      message,
      first: above === undefined ? !options.hasOlder : message === mark || !sameRun(above, message),
      last: below === undefined || below === mark || !sameRun(message, below),
    })
  })
  return rows
}

/** `client_msg_id` is unique per sender only. */
function keyOf(message: ChatMessage): string {
  return `${message.senderId} ${message.clientMsgId}`
}

function unreadMark(messages: readonly ChatMessage[], options: RowOptions): ChatMessage | undefined {
  const { firstUnread, hasOlder, ownId } = options
  if (firstUnread === undefined) return undefined
  const index = messages.findIndex((m) => m.seq >= firstUnread && m.senderId !== ownId)
  // At the upper edge the true first unread may lie above what is loaded.
  return index === 0 && hasOlder ? undefined : messages[index]
}

function sameRun(a: ChatMessage, b: ChatMessage): boolean {
  return (
    a.senderId === b.senderId && Math.abs(b.sentAt - a.sentAt) < runMs && dayOf(a.sentAt) === dayOf(b.sentAt)
  )
}
