/** A piece of JSON for one text, and what a reader of JSON makes of it. */
export interface TextCase {
  readonly name: string
  /** The literal as it is sent, quotes included. */
  readonly json: string
  /** What must come back where it was taken. */
  readonly text: string
  /** No door may take it. */
  readonly isRefused?: boolean
}

const plain = (name: string, text: string): TextCase => ({ name, json: JSON.stringify(text), text })
const escapedOf = (text: string): string =>
  `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`

export const textCases: readonly TextCase[] = [
  plain('ASCII', 'Hello, world'),
  plain('4-byte UTF-8', '𝒳 🦀 𠜎 \u{10ffff}'),
  plain('family of joiners', '👨‍👩‍👧‍👦 \u200d\u200c\u2060'),
  plain('right to left', 'שלום \u202eevil\u202c العربية \u2066x\u2069'),
  plain('combining marks', `Z${'\u0301\u0327\u0489'.repeat(20)}`),
  plain('not normalised', 'e\u0301 \u00e9 \uac00 \u1100\u1161 \ufb01 Å \u212b'),
  plain('NUL inside', 'before\u0000after'),
  plain('control characters', '\u0001\u0008\u000b\u001f\u007f\u0085 x'),
  plain('line ends', 'a\r\nb\nc\rd\u2028e\u2029f'),
  plain('byte order marks', 'x\ufeff\ufffe\uffffx'),
  plain('replacement character', 'a\ufffdb'),
  plain('spaces at both ends', ' \u00a0\u3000 x \u2003 '),
  plain('quotes and backslashes', '"\'`\\ \\" \\\\ \\u0000 \\n'),
  plain('SQL', "'; DROP TABLE im_message; -- \\' % _ \\%"),
  plain('HTML', '<script>alert(1)</script>&amp;&#0;<!--'),
  plain('format strings', '%s %n %x {0} \u0024{x} {{y}} $1 $& $$'),
  plain('dots and dollars', '$where.a.$b.c'),
  plain('base64-like', 'bnVsbA=='),
  plain('JSON-like', '{"__proto__":{"polluted":true},"a":[1,2]}'),
  plain('the name of a prototype', '__proto__'),
  plain('a constructor', 'constructor'),
  plain('digits beyond 2^53', '9007199254740993'),
  plain('digits beyond int64', '18446744073709551616'),
  plain('null, as a word', 'null'),
  { name: 'everything escaped', json: escapedOf('aé🦀"\\/'), text: 'aé🦀"\\/' },
  { name: 'escaped slash', json: '"a\\/b"', text: 'a/b' },
  { name: 'lone high surrogate', json: '"a\\ud83eb"', text: 'a\ud83eb', isRefused: true },
  { name: 'lone low surrogate', json: '"a\\udd80b"', text: 'a\udd80b', isRefused: true },
  { name: 'surrogates the wrong way round', json: '"\\udd80\\ud83e"', text: '\udd80\ud83e', isRefused: true },
  { name: 'raw control character', json: '"a\u0001b"', text: 'a\u0001b', isRefused: true },
  { name: 'escape that is none', json: '"a\\xb"', text: 'a\\xb', isRefused: true },
  { name: 'no end', json: '"a', text: 'a', isRefused: true },
]

/** Input of which no text is stored: every door takes it, or every door refuses it. */
export interface ShapeCase {
  readonly name: string
  /** The message's `content` as it is sent. */
  readonly content: string
  /** What must come back where it was taken. */
  readonly text?: string
  readonly isRefused: boolean
  /** Larger than a frame: a socket is closed with 1009, and HTTP has its own limit. */
  readonly isLarge?: boolean
}

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const keys = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')

export const shapeCases: readonly ShapeCase[] = [
  { name: 'nesting of 10^4', content: `{"text":${deep(10_000)}}`, isRefused: true },
  { name: 'nesting of 10^5', content: `{"text":${deep(100_000)}}`, isRefused: true, isLarge: true },
  { name: 'nesting of 10^6', content: `{"text":${deep(1_000_000)}}`, isRefused: true, isLarge: true },
  { name: 'nesting that never ends', content: `{"text":${'['.repeat(20_000)}}`, isRefused: true },
  { name: '3,000 keys where none belongs', content: `{"text":{${keys(3000)}}}`, isRefused: true },
  { name: '10^5 keys', content: `{"text":{${keys(100_000)}}}`, isRefused: true, isLarge: true },
  { name: '10^6 keys', content: `{"text":{${keys(1_000_000)}}}`, isRefused: true, isLarge: true },
  {
    name: 'a key twice, the last counts',
    content: '{"text":{"text":"first","text":"last"}}',
    text: 'last',
    isRefused: false,
  },
  { name: 'a key twice, a number at last', content: '{"text":{"text":"first","text":7}}', isRefused: true },
  {
    name: 'content twice',
    content: '{"text":{"text":"first"}},"content":{"text":{"text":"second"}}',
    text: 'second',
    isRefused: false,
  },
  {
    name: '__proto__ instead of a text',
    content: '{"__proto__":{"text":{"text":"inherited"}}}',
    isRefused: true,
  },
  { name: '__proto__ inside', content: '{"text":{"__proto__":{"text":"inherited"}}}', isRefused: true },
  {
    name: 'constructor.prototype',
    content: '{"text":{"constructor":{"prototype":{"text":"x"}}}}',
    isRefused: true,
  },
  { name: 'a number for a text', content: '{"text":{"text":9007199254740993}}', isRefused: true },
  {
    name: 'a number outside int64',
    content: '{"text":{"text":"x"},"n":9223372036854775808}',
    isRefused: true,
  },
  {
    name: 'a number of 5,000 digits',
    content: `{"text":{"text":"x"},"n":1${'0'.repeat(5000)}}`,
    isRefused: true,
  },
  { name: 'no text at all', content: '{"text":{"text":""}}', isRefused: true },
]

/** Numbers of messages in questions, as they are written; int64 is the whole of it. */
export const numberCases: readonly {
  readonly name: string
  readonly literal: string
  readonly isRefused: boolean
}[] = [
  { name: '2^53', literal: '9007199254740992', isRefused: false },
  { name: '2^53 + 1', literal: '9007199254740993', isRefused: false },
  { name: '2^63 - 1', literal: '9223372036854775807', isRefused: false },
  { name: '2^63', literal: '9223372036854775808', isRefused: true },
  { name: '-2^63', literal: '-9223372036854775808', isRefused: false },
  { name: '-2^63 - 1', literal: '-9223372036854775809', isRefused: true },
  { name: '2^64', literal: '18446744073709551616', isRefused: true },
  { name: 'half', literal: '1.5', isRefused: true },
  { name: 'beyond every double', literal: '1e400', isRefused: true },
]
