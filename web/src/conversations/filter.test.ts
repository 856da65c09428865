import type { ChatMessage, ConversationView } from '@nexo-im/client'
import { describe, expect, it } from 'vitest'
import { matching } from './filter.ts'

function view(title: string, rest: Partial<ConversationView> = {}): ConversationView {
  return {
    id: `si_me:${title}`,
    type: 'single',
    peerId: title,
    groupId: '',
    title,
    avatar: '',
    unread: 0,
    maxSeq: 0,
    readSeq: 0,
    pinned: false,
    receiveOption: 0,
    updatedAt: 0,
    mentions: 0,
    draft: '',
    markedUnread: false,
    hidden: false,
    typing: [],
    ...rest,
  }
}

function said(sentAt: number): ChatMessage {
  return {
    clientMsgId: 'm',
    conversationId: '',
    seq: 1,
    senderId: 'me',
    type: 1,
    content: { text: { text: 'hi' } },
    sentAt,
    status: 'sent',
  }
}

const titles = (views: readonly ConversationView[]): string[] => views.map((one) => one.title)

describe('searching conversations', () => {
  const all = [
    view('Zoë Quinn', { peerId: 'zq7' }),
    view('Lunch club', { groupId: '8841' }),
    view('李小龙'),
    view('zebra', { pinned: true }),
  ]

  it('without a query keeps the order with pinned ones first', () => {
    expect(titles(matching(all, '  '))).toEqual(['zebra', 'Zoë Quinn', 'Lunch club', '李小龙'])
  })

  it('orders by the last message, not by the last change of a setting', () => {
    const silenced = view('silenced', { updatedAt: 9000, lastMessage: said(1000) })
    const lively = view('lively', { updatedAt: 2000, lastMessage: said(2000) })
    expect(titles(matching([silenced, lively, view('empty', { updatedAt: 1500 })], ''))).toEqual([
      'lively',
      'empty',
      'silenced',
    ])
  })

  it.each([
    ['zoe', ['Zoë Quinn']],
    ['QUINN zo', ['Zoë Quinn']],
    ['ｌｕｎｃｈ', ['Lunch club']],
    ['884', ['Lunch club']],
    ['小龙', ['李小龙']],
    ['quinn club', []],
  ])('finds %j', (query, expected) => {
    expect(titles(matching(all, query))).toEqual(expected)
  })
})
