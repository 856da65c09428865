import type { ChatMessage } from '@nexo-im/client'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import { en } from '../i18n/en.ts'
import { Bubble } from './bubble.tsx'

vi.stubGlobal('location', { origin: 'https://chat.example' })

function shown(type: number, content: unknown): string {
  const message: ChatMessage = {
    clientMsgId: 'c',
    conversationId: 'si_a:b',
    seq: 1,
    senderId: 'a',
    type,
    sentAt: 0,
    status: 'sent',
    content: content as ChatMessage['content'],
  }
  return renderToStaticMarkup(<Bubble message={message} onJump={() => undefined} />)
}

describe('a bubble', () => {
  it.each([
    ['an unknown type', 77, { text: { text: 'x' } }],
    ['a missing body', 1, {}],
    ['a location without a place', 6, { location: { latitude: 'north' } }],
    ['a custom body without data', 100, { custom: { type: 'x', data: { a: 1 } } }],
  ])('with %s says that it cannot be shown', (_, type, content) => {
    expect(shown(type, content)).toContain(en['message.unknown'])
  })

  it.each([
    [2, { image: { url: 5, width: 'wide' } }],
    [3, { video: { duration: 'long', size: null } }],
    [4, { audio: { url: '', waveform: ['a', null, 2, -1] } }],
    [5, { file: { name: {}, size: Number.NaN } }],
  ])('of type %i survives a broken body', (type, content) => {
    expect(shown(type, content)).not.toBe('')
  })

  it('escapes what somebody wrote', () => {
    const html = shown(1, { text: { text: '<img src=x onerror=alert(1)>' } })
    expect(html).toContain('&lt;img')
    expect(html).not.toContain('<img')
  })

  it('loads a picture of the own server only', () => {
    expect(shown(2, { image: { url: '/files/a.png' } })).toContain(
      '<img src="https://chat.example/files/a.png"',
    )
    const foreign = shown(2, {
      image: { url: 'https://else.example/a.png', thumbnail: 'https://else.example/t.png' },
    })
    expect(foreign).not.toContain('<img')
    expect(foreign).toContain('href="https://else.example/a.png"')
  })

  it('gives a forbidden scheme no link', () => {
    expect(shown(5, { file: { url: 'javascript:alert(1)' } })).not.toContain('href')
  })
})
