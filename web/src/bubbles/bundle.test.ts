import { describe, expect, it } from 'vitest'
import { bundleOf } from './bundle.ts'

const body = (data: unknown): { type: string; data: string } => ({
  type: 'nexo.merged',
  data: typeof data === 'string' ? data : JSON.stringify(data),
})

describe('a bundle of messages', () => {
  it('has a title and its messages in order', () => {
    const item = { sender_id: 'ann', send_at: 5, msg_type: 1, content: { text: { text: 'hi' } } }
    expect(bundleOf(body({ title: 'T', items: [item, item] }))).toEqual({
      title: 'T',
      items: [
        { key: '0', senderId: 'ann', sentAt: 5, type: 1, content: { text: { text: 'hi' } } },
        { key: '1', senderId: 'ann', sentAt: 5, type: 1, content: { text: { text: 'hi' } } },
      ],
    })
  })

  it.each([
    ['another name', { type: 'x', data: '{"items":[]}' }],
    ['no JSON', body('nothing')],
    ['no list', body({ title: 'T', items: 7 })],
  ])('is none with %s', (_, broken) => {
    expect(bundleOf(broken)).toBeUndefined()
  })

  it('leaves out what is no message', () => {
    const items = [null, 7, { msg_type: 1 }, { content: {} }, { msg_type: 1, content: {} }]
    expect(bundleOf(body({ items }))?.items.map((item) => item.key)).toEqual(['4'])
  })
})
