import { describe, expect, it } from 'vitest'
import { addressOf } from './address.ts'
import { bodyOf, duration, fileSize } from './body.ts'
import { linkify } from './links.ts'

const links = (text: string): string[] => linkify(text).flatMap((piece) => piece.href ?? [])

describe('links in a text', () => {
  it.each([
    ['see https://a.example/x.', ['https://a.example/x']],
    ['(https://a.example/wiki/A_(b))', ['https://a.example/wiki/A_(b)']],
    ['看 https://a.example/路径，然后 http://b.example。', ['https://a.example/路径', 'http://b.example']],
    ['HTTPS://A.EXAMPLE!', ['HTTPS://A.EXAMPLE']],
    ['https://a.example/?q=1&r=2#x', ['https://a.example/?q=1&r=2#x']],
    ['javascript:alert(1) ftp://a data:text/html,x', []],
    ['https:// http://', []],
    ['xhttps://a.example', []],
    ['<https://a.example/"onclick=x>', ['https://a.example/']],
  ])('of %j', (text, expected) => {
    expect(links(text)).toEqual(expected)
  })

  it('leave the text as it was', () => {
    for (const text of [
      '',
      'a',
      'https://a.example',
      ' https://a.example, b\nhttp://c.example) 👋',
      '\u202Ehttps://x.example',
    ]) {
      expect(
        linkify(text)
          .map((piece) => piece.words)
          .join(''),
      ).toBe(text)
    }
  })

  it('of a long hostile text are found in a moment', () => {
    const text = `https://a.example/${'('.repeat(20_000)}${')'.repeat(200)}${'.'.repeat(20_000)}`
    expect(linkify(text)).not.toHaveLength(0)
  })
})

describe('the address of a picture or file', () => {
  const origin = 'https://chat.example'
  it.each([
    ['/files/a.png', 'own'],
    ['https://chat.example/a.png', 'own'],
    ['https://other.example/a.png', 'foreign'],
    ['//other.example/a.png', 'foreign'],
    ['http://chat.example/a.png', 'foreign'],
    ['file-id-7', 'opaque'],
    ['javascript:alert(1)', 'opaque'],
    ['data:image/svg+xml,x', 'opaque'],
    ['/\\other.example/a.png', 'foreign'],
    ['', 'opaque'],
  ])('%j is %s', (raw, kind) => {
    expect(addressOf(raw, origin).kind).toBe(kind)
  })
})

describe('the body of a message', () => {
  it('is found by the type', () => {
    expect(bodyOf({ type: 4, content: { audio: { url: 'u' } } })).toEqual({ url: 'u' })
  })

  it.each([
    ['an unknown type', 77, { text: { text: 'x' } }],
    ['the body of another type', 1, { image: { url: 'u' } }],
    ['a string instead of a body', 1, { text: 'x' }],
    ['no content', 1, null],
  ])('is missing with %s', (_, type, content) => {
    expect(bodyOf({ type, content: content as never })).toBeUndefined()
  })
})

describe('sizes and durations', () => {
  it('read well', () => {
    expect([0, 999, 1000, 12_345, 9_990_000, 2e13].map(fileSize)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '12 kB',
      '10.0 MB',
      '20 TB',
    ])
    expect([0, 5.9, 65, 3723].map(duration)).toEqual(['0:00', '0:05', '1:05', '1:02:03'])
  })
})
