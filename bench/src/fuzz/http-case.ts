import type { Random } from '../random.ts'
import { between, chance, oneOf, randomBytesOf } from './choice.ts'
import type { Entry, Grammar, Known } from './grammar.ts'
import { hostileText, twisted } from './hostile.ts'
import { type Fields, inputOf } from './request-case.ts'

export interface HttpCase {
  readonly bytes: Buffer
  /** For HEAD there is no body to wait for. */
  readonly hasBody: boolean
}

/** What each costs a password hash, 30 ms by design. */
const dear = /^(?:auth\.|account\.delete)/
const dearShare = 0.004
const methods = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'QUERY',
]
const contentTypes = [
  ...[
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'application/vnd.x+json',
    'text/plain',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    '',
    ';',
    'json',
  ],
  ...['application/json\tx', `application/${'x'.repeat(2000)}`, 'text/html, application/json'],
]
const encodings = ['gzip', 'br', 'deflate', 'identity', 'zstd', 'gzip, gzip', 'x']
const oddHeaders = [
  ...[
    'Expect: 100-continue',
    'Expect: the-unexpected',
    'Connection: close',
    'Connection: keep-alive, x',
    'Range: bytes=0-1',
  ],
  ...[
    'If-None-Match: *',
    'If-Modified-Since: never',
    'Origin: null',
    'Origin: http://evil.example',
    'Accept: */x;q=9',
  ],
  ...[
    'X-Forwarded-For: 1.2.3.4, ::1',
    'X-HTTP-Method-Override: DELETE',
    'Cookie: a=b; a=c',
    'Content-Type: text/plain',
  ],
  ...[
    'Accept-Encoding: br;q=1, *;q=0',
    'Access-Control-Request-Method: PUT',
    'Referer: \u0080\u00ff',
    'Sec-Fetch-Site: none',
  ],
  ...[
    'Upgrade: h2c',
    'Via: 1.0 x',
    'TE: trailers',
    'Authorization: Basic eDp5',
    'Host: evil.example',
    `X-Long: ${'y'.repeat(6000)}`,
  ],
]
const otherPaths = [
  ...[
    '/',
    '/health',
    '/readyz',
    '/openapi.json',
    '/docs',
    '/ws',
    '/ws?token=x',
    '//',
    '/..',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/%',
  ],
  ...[
    '/%00',
    '/user/profile/%ff',
    '/user/profile/',
    '/index.html',
    '/assets/x.js',
    '*',
    '/?',
    '/#',
    '/metrics',
    '/\\',
    '/;',
  ],
  ...[
    `/${'a'.repeat(5000)}`,
    `/user/profile/${'%41'.repeat(700)}`,
    '/msg/pull?limit=1&limit=2',
    '/__proto__',
    '/constructor',
  ],
]

/** A request made from the printed contract, with anything in it turned wrong but the length of its body. */
export function httpCase(random: Random, grammar: Grammar, known: Known, token: string): HttpCase {
  const isDear = chance(random, dearShare)
  const entry = oneOf(
    random,
    grammar.entries.filter(({ name }) => dear.test(name) === isDear && name !== 'auth.logout'),
  )
  const input = inputOf(random, entry, known)
  const method = chance(random, 0.06) ? oneOf(random, methods) : entry.method
  const target = chance(random, 0.06) ? oneOf(random, otherPaths) : targetOf(random, entry, input)
  const body = bodyOf(random, entry, input)
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: x',
    ...authorisationOf(random, entry, token),
    ...(body === undefined || chance(random, 0.03) ? [] : [`Content-Type: ${typeOf(random)}`]),
    ...(chance(random, 0.03) ? [`Content-Encoding: ${oneOf(random, encodings)}`] : []),
    ...(chance(random, 0.12) ? [oneOf(random, oddHeaders)] : []),
  ]
  return { bytes: written(random, lines, body), hasBody: method !== 'HEAD' }
}

function written(random: Random, lines: readonly string[], body: Buffer | undefined): Buffer {
  const head = (more: readonly string[]): Buffer =>
    Buffer.from(`${[...lines, ...more].join('\r\n')}\r\n\r\n`, 'latin1')
  if (body === undefined) return head([])
  if (!chance(random, 0.05)) return Buffer.concat([head([`Content-Length: ${body.length}`]), body])
  const middle = between(random, 0, body.length)
  const chunk = (part: Buffer): Buffer[] =>
    part.length === 0 ? [] : [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]
  const chunks = [
    ...chunk(body.subarray(0, middle)),
    ...chunk(body.subarray(middle)),
    Buffer.from('0\r\n\r\n'),
  ]
  return Buffer.concat([head(['Transfer-Encoding: chunked']), ...chunks])
}

function authorisationOf(random: Random, entry: Entry, token: string): string[] {
  if (!entry.needsToken && chance(random, 0.9)) return []
  if (chance(random, 0.94)) return [`Authorization: Bearer ${token}`]
  const bent =
    token.slice(0, between(random, 0, token.length)) + oneOf(random, ['', '.', 'x', '==', '\u00ff'])
  return [`Authorization: ${oneOf(random, ['Bearer', 'bearer  ', 'Basic', ''])} ${bent}`]
}

const typeOf = (random: Random): string =>
  chance(random, 0.94) ? 'application/json' : oneOf(random, contentTypes)

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())
const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function targetOf(random: Random, entry: Entry, input: Fields): string {
  const placed = new Map(entry.fields.map(({ name, place }) => [name, place]))
  let path = entry.path
  const query: string[] = []
  for (const [name, value] of Object.entries(input)) {
    const text = shown(value).slice(0, 3000)
    if (placed.get(name) === 'path') path = path.replace(`{${name}}`, encoded(text))
    else if (placed.get(name) === 'query' || (!placed.has(name) && entry.method === 'GET'))
      query.push(`${encoded(name)}=${chance(random, 0.96) ? encoded(text) : rawQuery(text)}`)
  }
  // A path that nothing was put in stays with its braces: nobody's id.
  return query.length === 0 ? path : `${path}?${query.join('&')}`.slice(0, 12_000)
}

/** Not encoded, but still one line. */
const rawQuery = (text: string): string => text.replaceAll(/\s/g, '+').replaceAll('\u0000', '+')

function bodyOf(random: Random, entry: Entry, input: Fields): Buffer | undefined {
  if (entry.method === 'GET' && chance(random, 0.97)) return undefined
  if (chance(random, 0.02)) return randomBytesOf(random, between(random, 0, 200))
  if (chance(random, 0.002))
    return Buffer.alloc(oneOf(random, [1_000_000, 4_194_304, 4_194_305, 5_000_000]), 0x20)
  const inside = new Set(entry.fields.filter(({ place }) => place !== 'body').map(({ name }) => name))
  const json = JSON.stringify(Object.fromEntries(Object.entries(input).filter(([name]) => !inside.has(name))))
  const text = chance(random, 0.25) ? twisted(random, json) : json
  return Buffer.from(text, chance(random, 0.02) ? 'utf16le' : 'utf8')
}

/** Bytes that are no request, or nearly one; the sender ends its side behind them. */
export function garbageCase(random: Random, grammar: Grammar, known: Known, token: string): Buffer {
  if (chance(random, 0.15)) return randomBytesOf(random, between(random, 0, 300))
  const sound = httpCase(random, grammar, known, token).bytes
  const bytes = sound.length > 20_000 ? sound.subarray(0, 20_000) : sound
  switch (between(random, 0, 6)) {
    case 0:
      return bytes.subarray(0, between(random, 0, bytes.length))
    case 1:
      return Buffer.concat([bytes, bytes])
    case 2:
      return Buffer.from(
        bytes.toString('latin1').replace(/Content-Length: \d+/, oneOf(random, lengths)),
        'latin1',
      )
    case 3:
      return Buffer.from(bytes.toString('latin1').replace('HTTP/1.1', oneOf(random, versions)), 'latin1')
    case 4:
      return Buffer.from(
        bytes.toString('latin1').replaceAll('\r\n', oneOf(random, ['\n', '\r', '\r\n '])),
        'latin1',
      )
    case 5: {
      const place = between(random, 0, Math.min(bytes.length, 200))
      const junk = Buffer.from(hostileText(random))
      return Buffer.concat([bytes.subarray(0, place), junk, bytes.subarray(place)])
    }
    default: {
      const copy = Buffer.from(bytes)
      for (let i = between(random, 1, 8); i > 0; i--) {
        const at = between(random, 0, Math.min(copy.length, 400) - 1)
        copy[at] = between(random, 0, 255)
      }
      return copy
    }
  }
}

const versions = [
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9.9',
  'HTTP/1.',
  'http/1.1',
  '',
  'HTTPS/1.1',
  'HTTP/1.1 x',
]
const lengths = [
  ...[
    'Content-Length: 0',
    'Content-Length: 1',
    'Content-Length: 999999',
    'Content-Length: -1',
    'Content-Length: 1e3',
  ],
  ...[
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Content-Length: 0x10',
  ],
  ...[
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: chunked, identity',
    'Content-Length : 5',
    'Content-Length: 99999999999999999999',
  ],
]
