import type { ChatMessage } from '@nexo-im/client'
import type { Notice } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { type Row, type RowOptions, rowsOf } from './rows.ts'

const noon = new Date(2026, 10, 24, 12, 0).getTime()
const minute = 60_000
const day = 86_400_000

function message(seq: number, senderId: string, sentAt: number): ChatMessage {
  const content = { text: { text: `n${seq}` } }
  return {
    clientMsgId: `c${seq}`,
    conversationId: 'si_ann:bob',
    seq,
    senderId,
    type: 1,
    content,
    sentAt,
    status: 'sent',
  }
}

const options: RowOptions = { ownId: 'ann', hasOlder: false, firstUnread: undefined }
const brief = (rows: readonly Row[]): string[] =>
  rows.map((row) => {
    if (row.kind === 'message')
      return `${row.message.seq}${row.first ? ' first' : ''}${row.last ? ' last' : ''}`
    if (row.kind === 'notice') return `notice ${row.notice.position}`
    return row.kind === 'expired' ? `expired ${row.from}-${row.to}` : row.kind
  })

function notice(position: number, atSeq: number, at: number): Notice {
  return {
    conversation_id: 'gr_1',
    position,
    at_seq: atSeq,
    kind: 'member_joined',
    actor_id: 'ann',
    user_ids: ['bob'],
    data: {},
    created_at: at,
  }
}

const gone = (m: ChatMessage, cause: 'recalled' | 'expired'): ChatMessage => ({
  ...m,
  content: {},
  gone: { cause, by: m.senderId, at: m.sentAt },
})

describe('the lines of a chat', () => {
  it('open a day at its first message', () => {
    const messages = [
      message(1, 'ann', noon - day),
      message(2, 'ann', noon - day + minute),
      message(3, 'ann', noon),
    ]
    expect(brief(rowsOf(messages, [], options))).toEqual(['day', '1 first', '2 last', 'day', '3 first last'])
  })

  it('join what one sender says within five minutes', () => {
    const messages = [
      message(1, 'ann', noon),
      message(2, 'ann', noon + 4 * minute),
      message(3, 'ann', noon + 9 * minute),
      message(4, 'bob', noon + 9 * minute),
    ]
    expect(brief(rowsOf(messages, [], options))).toEqual([
      'day',
      '1 first',
      '2 last',
      '3 first last',
      '4 first last',
    ])
  })

  it('mark the first unread message of somebody else and break the run there', () => {
    const messages = [
      message(1, 'bob', noon),
      message(2, 'ann', noon),
      message(3, 'bob', noon),
      message(4, 'bob', noon),
    ]
    expect(brief(rowsOf(messages, [], { ...options, firstUnread: 2 }))).toEqual([
      'day',
      '1 first last',
      '2 first last',
      'unread',
      '3 first',
      '4 last',
    ])
    expect(brief(rowsOf(messages, [], { ...options, firstUnread: 4 }))).toContain('unread')
  })

  it('claim neither day, run nor unread mark at an upper edge that is not the beginning', () => {
    const messages = [message(7, 'bob', noon), message(8, 'bob', noon)]
    expect(brief(rowsOf(messages, [], { ...options, hasOlder: true, firstUnread: 3 }))).toEqual([
      '7',
      '8 last',
    ])
  })

  it('keep their keys when older and newer messages arrive and when a message is numbered', () => {
    const later = [message(5, 'bob', noon), message(6, 'ann', noon)]
    const before = rowsOf(later, [], { ...options, hasOlder: true })
    const after = rowsOf([message(4, 'bob', noon - day), ...later, message(7, 'ann', noon)], [], options)
    const keys = new Set(after.map((row) => row.key))
    expect(keys.size).toBe(after.length)
    for (const row of before) expect(keys).toContain(row.key)
    const sending = { ...message(0, 'ann', noon), clientMsgId: 'x' }
    expect(rowsOf([sending], [], options)[1]?.key).toBe(rowsOf([{ ...sending, seq: 9 }], [], options)[1]?.key)
  })

  it('tell equal client ids of two senders apart', () => {
    const twin = { ...message(2, 'bob', noon), clientMsgId: 'c1' }
    const keys = rowsOf([message(1, 'ann', noon), twin], [], options).map((row) => row.key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('hold notices behind the message they followed, and break runs there', () => {
    const messages = [message(1, 'ann', noon), message(2, 'ann', noon), message(0, 'ann', noon)]
    const notices = [notice(5, 0, noon), notice(7, 1, noon), notice(9, 2, noon)]
    expect(brief(rowsOf(messages, notices, options))).toEqual([
      'day',
      'notice 5',
      '1 first last',
      'notice 7',
      '2 first last',
      'notice 9',
      '0 first last',
    ])
  })

  it('of a group in which nobody has spoken yet are its notices', () => {
    expect(brief(rowsOf([], [notice(5, 0, noon)], options))).toEqual(['day', 'notice 5'])
  })

  it('leave out what was deleted for oneself, and join what has disappeared into one', () => {
    const messages = [
      message(1, 'ann', noon),
      { ...message(2, 'bob', noon), hidden: true },
      message(3, 'ann', noon),
      gone(message(4, 'bob', noon), 'expired'),
      gone(message(5, 'ann', noon), 'expired'),
      gone(message(6, 'ann', noon), 'recalled'),
      message(7, 'ann', noon),
    ]
    expect(brief(rowsOf(messages, [], options))).toEqual([
      'day',
      '1 first',
      '3 last',
      'expired 4-5',
      'gone',
      '7 first last',
    ])
  })

  it('open no day twice when clocks disagree', () => {
    const messages = [message(1, 'ann', noon), message(2, 'bob', noon - day), message(3, 'ann', noon)]
    expect(brief(rowsOf(messages, [], options)).filter((row) => row === 'day')).toHaveLength(1)
  })
})
