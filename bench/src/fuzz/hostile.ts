import type { Random } from '../random.ts'
import { between, chance, oneOf } from './choice.ts'

/** Texts that have broken servers before. */
const hostileTexts: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\u0007',
    '\u202eabc\u202c',
    '\u200d',
    '👨‍👩‍👧‍👦',
    '\u{10ffff}',
    '\ufeff',
    '\uffff',
  ],
  ...[
    '\ud800',
    'a\udc00',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'null',
    'NaN',
  ],
  ...[
    "' OR 1=1 --",
    '"; DROP TABLE im_user; --',
    '%',
    '_',
    '%00',
    '../../etc/passwd',
    '..%2f',
    '\\',
    '\\u0000',
    '$where',
  ],
  ...[
    '{"$ne":null}',
    '\u0024{7*7}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '*',
    '?',
    '[',
    'a:b',
    'si_:',
    'sg_',
    'si_a:b',
  ],
  ...[
    '-1',
    '0',
    '1e999',
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551616',
    '0x10',
    '1_000',
    '٣',
  ],
  ...[
    'x'.repeat(65),
    'x'.repeat(257),
    'é'.repeat(600),
    '😀'.repeat(4000),
    '\n'.repeat(100),
    '\u0301'.repeat(500),
  ],
]

const hostileNumbers: readonly number[] = [
  ...[
    0,
    -0,
    1,
    -1,
    0.1,
    -0.5,
    1e-320,
    255,
    256,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
  ],
  ...[2 ** 63, -(2 ** 63), 1e19, 1e300, -1e300],
]

export function hostileText(random: Random): string {
  if (chance(random, 0.7)) return oneOf(random, hostileTexts)
  return Array.from({ length: between(random, 0, 12) }, () =>
    String.fromCharCode(between(random, 0, chance(random, 0.5) ? 0x7f : 0xffff)),
  ).join('')
}

/** Any JSON value at all, not deep. */
export function hostileValue(random: Random, depth = 0): unknown {
  const kinds = depth > 3 ? 5 : 8
  switch (between(random, 0, kinds)) {
    case 0:
      return null
    case 1:
      return chance(random, 0.5)
    case 2:
    case 3:
      return oneOf(random, hostileNumbers)
    case 4:
    case 5:
      return hostileText(random)
    case 6:
      return Array.from({ length: between(random, 0, 4) }, () => hostileValue(random, depth + 1))
    case 7:
      return Array.from({ length: oneOf(random, [0, 51, 101, 1001]) }, () => oneOf(random, ['x', 1]))
    default:
      return Object.fromEntries(
        Array.from({ length: between(random, 0, 4) }, () => [
          hostileText(random),
          hostileValue(random, depth + 1),
        ]),
      )
  }
}

type Twist = (random: Random, json: string) => string

const at = (random: Random, json: string): number => between(random, 0, json.length)
const inserted = (json: string, place: number, text: string): string =>
  json.slice(0, place) + text + json.slice(place)

/** Behind a `{`, an object's further member; where there is none, anywhere. */
function member(random: Random, json: string, text: string): string {
  const braces = [...json.matchAll(/\{(?=")/g)].map(({ index }) => index + 1)
  return inserted(json, braces.length === 0 ? at(random, json) : oneOf(random, braces), text)
}

const literals: readonly string[] = [
  ...[
    '9223372036854775808',
    '-9223372036854775809',
    '9007199254740993',
    '1e400',
    '-0',
    '1E5',
    '01',
    '1.',
    '.5',
    '+1',
  ],
  ...[
    'NaN',
    'Infinity',
    '0x1',
    'undefined',
    "'x'",
    `1${'0'.repeat(5000)}`,
    `0.${'1'.repeat(5000)}`,
    '"\\ud800"',
    '"\\u0000"',
  ],
  ...[
    '"\\x"',
    '"\u0001"',
    '"\\uZZZZ"',
    `${'['.repeat(9000)}${']'.repeat(9000)}`,
    '['.repeat(20_000),
    `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
  ],
]

/** What no serialiser writes: JSON broken, or bent in ways that parsers disagree about. */
const twists: readonly Twist[] = [
  (random, json) => json.slice(0, at(random, json)),
  (random, json) =>
    inserted(
      json,
      at(random, json),
      oneOf(random, ['{', '}', '[', ']', '"', ',', ':', '\\', '\u0000', '/**/']),
    ),
  (random, json) => json.replace(/:("[^"]*"|-?\d+|null|true|false)/, () => `:${oneOf(random, literals)}`),
  (random, json) => member(random, json, '"__proto__":{"polluted":true},'),
  (random, json) => member(random, json, '"constructor":{"prototype":{"polluted":true}},'),
  (random, json) =>
    member(random, json, `"${oneOf(random, ['user_id', 'group_id', 'seq', 'data', 'content'])}":7,`),
  (random, json) => member(random, json, Array.from({ length: 2000 }, (_, i) => `"k${i}":${i},`).join('')),
  (random, json) => `${json}${oneOf(random, ['', ' ', json, 'x', '\u0000', ']'])}`,
  (random, json) => `${oneOf(random, ['\ufeff', ' ', '\n\t', '//x\n', '['])}${json}`,
  (_, json) => json.replaceAll('"', '\u201d'),
  (random, json) => {
    const place = at(random, json)
    return json.slice(0, place) + String.fromCharCode(between(random, 0, 0x7f)) + json.slice(place + 1)
  },
]

export function twisted(random: Random, json: string): string {
  return oneOf(random, twists)(random, json)
}
