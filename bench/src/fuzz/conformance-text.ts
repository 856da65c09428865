import { apart, type Case, request, write } from './conformance-case.ts'
import { fragmented, frameBytes } from './frame-writer.ts'

const text = 1
const notUtf8 = [1007]

/** Group 6: what is UTF-8 and what is not, in one frame, in fragments, and byte by byte. */
export function textCases(): Case[] {
  return [...whole(), ...failing(), ...cutSequences(), ...sequences(), ...nonCharacters(), ...cornerCases()]
}

/** A request whose echoed text is put together from raw bytes, UTF-8 or not. */
function around(bytes: Uint8Array): Buffer {
  const [front, back] = request('|').toString().split('|') as [string, string]
  return Buffer.concat([Buffer.from(front), bytes, Buffer.from(back)])
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

/** Accepted as it is, or closed with 1007. */
function judged(id: string, bytes: Buffer, isValid: boolean): Case {
  const send = write(frameBytes({ opcode: text, payload: around(bytes) }))
  return isValid ? { id, send, echoes: [bytes.toString()] } : { id, send, close: notUtf8 }
}

const greek = 'κόσμε'
const hello = 'Hello-µ@ßöäüàá-UTF-8!!'

function whole(): Case[] {
  const cutAll = (payload: Buffer): number[] => Array.from({ length: payload.length - 1 }, () => 1)
  const inPieces = (id: string, say: string, cuts: (payload: Buffer) => readonly number[]): Case => {
    const payload = request(say)
    return { id, send: write(...fragmented(text, payload, cuts(payload))), echoes: [say] }
  }
  const empty = frameBytes({ opcode: text, fin: false })
  const end = frameBytes({ opcode: 0 })
  const none = frameBytes({ opcode: 0, fin: false })
  const middle = frameBytes({ opcode: 0, payload: request('6.1.3'), fin: false })
  return [
    { id: '6.1.1', send: write(frameBytes({ opcode: text })), refusals: 1 },
    { id: '6.1.2', send: write(empty, none, end), refusals: 1 },
    { id: '6.1.3', send: write(empty, middle, end), echoes: ['6.1.3'] },
    { id: '6.2.1', send: write(frameBytes({ opcode: text, payload: request(hello) })), echoes: [hello] },
    inPieces('6.2.2', hello, () => [45]),
    inPieces('6.2.3', hello, cutAll),
    inPieces('6.2.4', greek, cutAll),
  ]
}

/** Text that goes wrong behind its beginning. Whoever looks early closes early; at the end all must have. */
function failing(): Case[] {
  const good = hex('ce ba e1 bd b9 cf 83 ce bc ce b5')
  const bad = hex('f4 90 80 80')
  const edited = Buffer.from('edited')
  const surrogate = Buffer.concat([good, hex('ed a0 80'), edited])
  const tooHigh = Buffer.concat([good, bad, edited])
  const bytewise = around(surrogate)
  const cutAll = Array.from({ length: bytewise.length - 1 }, () => 1)
  const front = Buffer.from(request('|').toString().split('|')[0] ?? '')
  const three = (parts: readonly Buffer[]): Buffer[] =>
    parts.map((payload, i) =>
      frameBytes({ opcode: i === 0 ? text : 0, payload, fin: i === parts.length - 1 }),
    )
  const parts = [Buffer.concat([front, good]), bad, edited]
  const split = [Buffer.concat([front, good, hex('f4')]), hex('90'), Buffer.concat([hex('80 80'), edited])]
  const one = frameBytes({ opcode: text, payload: around(tooHigh) })
  const at = one.length - 20
  return [
    judged('6.3.1', surrogate, false),
    { id: '6.3.2', send: write(...fragmented(text, bytewise, cutAll)), close: notUtf8 },
    { id: '6.4.1', send: apart(...three(parts)), close: notUtf8 },
    { id: '6.4.2', send: apart(...three(split)), close: notUtf8 },
    { id: '6.4.3', send: apart(one.subarray(0, at), one.subarray(at)), close: notUtf8 },
    { id: '6.4.4', send: [{ bytes: one, chop: 7 }], close: notUtf8 },
  ]
}

/** 6.5 is whole words, 6.6 every beginning of one of them. */
function cutSequences(): Case[] {
  const word = Buffer.from(greek)
  const isEnd = (n: number): boolean => !word.subarray(0, n).toString().includes('\ufffd')
  const words = [greek, 'Grüße, Jürgen ❤', '\u{1f980}\u{10ffff}', '\u202eabc\u200d', 'x'.repeat(100)]
  return [
    ...words.map((say, i) => judged(`6.5.${i + 1}`, Buffer.from(say), true)),
    ...Array.from({ length: word.length }, (_, i) =>
      judged(`6.6.${i + 1}`, word.subarray(0, i + 1), isEnd(i + 1)),
    ),
  ]
}

type Listed = readonly [group: string, isValid: boolean, sequences: readonly string[]]

const repeated = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => (first + i).toString(16).padStart(2, '0'))

const listed: readonly Listed[] = [
  // First and last of each length; what has five or six bytes was never given away.
  ['6.7', true, ['7f', 'c2 80', 'e0 a0 80', 'f0 90 80 80']],
  ['6.8', false, ['f8 88 80 80 80', 'fc 84 80 80 80 80']],
  ['6.9', true, ['7f', 'df bf', 'ef bf bf', 'f4 8f bf bf']],
  ['6.10', false, ['f7 bf bf bf', 'fb bf bf bf bf', 'fd bf bf bf bf bf']],
  ['6.11', true, ['ed 9f bf', 'ee 80 80', 'ef bf bd', 'f4 8f bf bf']],
  ['6.11b', false, ['f4 90 80 80']],
  // Continuation bytes of nothing.
  [
    '6.12',
    false,
    [
      '80',
      'bf',
      '80 bf',
      '80 bf 80',
      '80 bf 80 bf',
      '80 bf 80 bf 80',
      '80 bf 80 bf 80 bf',
      repeated(0x80, 64).join(''),
    ],
  ],
  // Beginnings, each followed by a space.
  [
    '6.13',
    false,
    [
      [0xc0, 32],
      [0xe0, 16],
      [0xf0, 8],
      [0xf8, 4],
      [0xfc, 2],
    ].map(([first = 0, count = 0]) => repeated(first, count).join(' 20 ')),
  ],
  // The last continuation byte is missing.
  [
    '6.14',
    false,
    [
      'c0',
      'e0 80',
      'f0 80 80',
      'f8 80 80 80',
      'fc 80 80 80 80',
      'df',
      'ef bf',
      'f7 bf bf',
      'fb bf bf bf',
      'fd bf bf bf bf',
    ],
  ],
  [
    '6.15',
    false,
    ['c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf fd bf bf bf bf'],
  ],
  ['6.16', false, ['fe', 'ff', 'fe fe ff ff']],
  // Longer than needed: a slash, the last code points that fit, and NUL.
  ['6.17', false, ['c0 af', 'e0 80 af', 'f0 80 80 af', 'f8 80 80 80 af', 'fc 80 80 80 80 af']],
  ['6.18', false, ['c1 bf', 'e0 9f bf', 'f0 8f bf bf', 'f8 87 bf bf bf', 'fc 83 bf bf bf bf']],
  ['6.19', false, ['c0 80', 'e0 80 80', 'f0 80 80 80', 'f8 80 80 80 80', 'fc 80 80 80 80 80']],
  // Surrogates, alone and in pairs.
  ['6.20', false, ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf', 'ed b0 80', 'ed be 80', 'ed bf bf']],
  [
    '6.21',
    false,
    [
      'a080 b080',
      'a080 bfbf',
      'adbf b080',
      'adbf bfbf',
      'ae80 b080',
      'ae80 bfbf',
      'afbf b080',
      'afbf bfbf',
    ].map((pair) =>
      pair
        .split(' ')
        .map((half) => `ed${half}`)
        .join(''),
    ),
  ],
]

function sequences(): Case[] {
  return listed.flatMap(([group, isValid, list]) =>
    list.map((digits, i) => judged(`${group}.${i + 1}`, hex(digits), isValid)),
  )
}

/** 6.22: code points that are no characters are UTF-8 all the same; 6.23: what stands for what could not be read. */
function nonCharacters(): Case[] {
  const planes = Array.from({ length: 17 }, (_, plane) => [
    plane * 0x10000 + 0xfffe,
    plane * 0x10000 + 0xffff,
  ])
  const specials = [0xfff9, 0xfffa, 0xfffb, 0xfffc, 0xfffd, 0xfeff, 0xfdd0]
  const valid = (group: string, points: readonly number[]): Case[] =>
    points.map((point, i) => judged(`${group}.${i + 1}`, Buffer.from(String.fromCodePoint(point)), true))
  return [...valid('6.22', planes.flat()), ...valid('6.23', specials)]
}

/** Own ones: a mark of the byte order, and a code point that two fragments share. */
function cornerCases(): Case[] {
  const payload = request('\u{1f980}')
  const at = payload.indexOf(0xf0)
  const ping = frameBytes({ opcode: 9, payload: 'inside a code point' })
  const [first, last] = fragmented(text, payload, [at + 2]) as [Buffer, Buffer]
  return [
    { id: '6.24.1', send: write(first, ping, last), echoes: ['\u{1f980}'], pongs: ['inside a code point'] },
    { id: '6.24.2', send: write(first, frameBytes({ opcode: 0 })), close: notUtf8 },
  ]
}
