import type { ChatMessage } from '@nexo-im/client'
import type { Notice } from '@nexo-im/protocol'
import { dayOf } from '../dates.ts'

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'notice'; readonly key: string; readonly notice: Notice }
  | ExpiredRow
  | { readonly kind: 'gone'; readonly key: string; readonly message: ChatMessage }
  | MessageRow

export interface MessageRow {
  readonly kind: 'message'
  readonly key: string
  readonly message: ChatMessage
  /** Whether it opens and closes a run of one sender's bubbles. */
  readonly first: boolean
  readonly last: boolean
}

/** Neighbouring messages whose time was over, in one quiet line. */
export interface ExpiredRow {
  readonly kind: 'expired'
  readonly key: string
  readonly at: number
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface RowOptions {
  readonly ownId: string
  /** Whether more may exist above: then the first message opens no day and no run, as nobody knows yet. */
  readonly hasOlder: boolean
  /** Seq of the first message that was unread when the conversation was opened. */
  readonly firstUnread: number | undefined
}

const runMs = 5 * 60_000

type Item = { readonly at: number } & (
  | { readonly message: ChatMessage; readonly notice?: undefined }
  | { readonly message?: undefined; readonly notice: Notice }
)

/**
 * The lines of a chat. The key of a line never changes while messages come above or below it, for the list
 * holds the reading place by keys.
 */
export function rowsOf(
  messages: readonly ChatMessage[],
  notices: readonly Notice[],
  options: RowOptions,
): Row[] {
  const rows: Row[] = []
  const seen = messages.filter((m) => m.hidden !== true)
  const mark = unreadMark(seen, options)
  const items = itemsOf(seen, notices)
  let latestDay = Number.NEGATIVE_INFINITY
  items.forEach((item, i) => {
    const day = dayOf(item.at)
    // Clocks may disagree: a day that was opened is not opened again.
    if (day > latestDay) {
      if (i > 0 || !options.hasOlder) rows.push({ kind: 'day', key: `day ${day}`, at: item.at })
      latestDay = day
    }
    const { message, notice } = item
    if (notice !== undefined) {
      rows.push({ kind: 'notice', key: `notice ${notice.position}`, notice })
      return
    }
    if (message === mark) rows.push({ kind: 'unread', key: 'unread' })
    const above = items[i - 1]
    const opens = above === undefined ? !options.hasOlder : message === mark || !sameRun(above, item)
    const below = items[i + 1]
    const closes = below === undefined || below.message === mark || !sameRun(item, below)
    pushMessage(rows, message, opens, closes)
  })
  return rows
}

/** The seqs a line stands for, lowest and highest; undefined for lines that are no messages, or not numbered yet. */
export function seqsOf(row: Row | undefined): readonly [number, number] | undefined {
  if (row?.kind === 'expired') return [row.from, row.to]
  if (row?.kind !== 'message' && row?.kind !== 'gone') return undefined
  return row.message.seq > 0 ? [row.message.seq, row.message.seq] : undefined
}

/** Unix ms of a line; undefined for the line above unread messages. */
export function timeOf(row: Row | undefined): number | undefined {
  if (row === undefined || row.kind === 'unread') return undefined
  if (row.kind === 'notice') return row.notice.created_at
  return row.kind === 'message' || row.kind === 'gone' ? row.message.sentAt : row.at
}

function pushMessage(rows: Row[], message: ChatMessage, first: boolean, last: boolean): void {
  const key = keyOf(message)
  if (message.gone === undefined) {
    rows.push({ kind: 'message', key, message, first, last })
    return
  }
  if (message.gone.cause !== 'expired') {
    rows.push({ kind: 'gone', key, message })
    return
  }
  const above = rows.at(-1)
  if (above?.kind === 'expired') rows[rows.length - 1] = { ...above, to: message.seq, count: above.count + 1 }
  else rows.push({ kind: 'expired', key, at: message.sentAt, from: message.seq, to: message.seq, count: 1 })
}

/** Notices stand behind message `at_seq`; what is not numbered yet stands below everything. */
function itemsOf(messages: readonly ChatMessage[], notices: readonly Notice[]): Item[] {
  const items: Item[] = []
  let next = 0
  const noticesBelow = (seq: number): void => {
    for (let notice = notices[next]; notice !== undefined && notice.at_seq < seq; notice = notices[++next])
      items.push({ at: notice.created_at, notice })
  }
  for (const message of messages) {
    noticesBelow(message.seq > 0 ? message.seq : Number.POSITIVE_INFINITY)
    items.push({ at: message.sentAt, message })
  }
  noticesBelow(Number.POSITIVE_INFINITY)
  return items
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

function sameRun({ message: a }: Item, { message: b }: Item): boolean {
  if (a === undefined || b === undefined || a.gone !== undefined || b.gone !== undefined) return false
  return (
    a.senderId === b.senderId && Math.abs(b.sentAt - a.sentAt) < runMs && dayOf(a.sentAt) === dayOf(b.sentAt)
  )
}
