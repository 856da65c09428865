import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { patternsIn } from './pattern-scan.ts'

/** Every regular expression of the sources that see what strangers write, against what makes a bad one run for ever. */
const root = join(import.meta.dirname, '../../..')
const folders = ['protocol/src', 'server/src', 'client/src']
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|contract)\.ts$|(^|\/)(testing|attacks)\//.test(name))
    .map((name) => `${folder}/${name}`),
)
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const found = [...sources].flatMap(([file, source]) =>
  patternsIn(source).map((pattern) => ({ file, ...pattern })),
)

/** Patterns that a bad text would hold up, and why no stranger's text reaches them. */
const ownUrl = 'the address of the server, as the program that uses the SDK gives it'
const spared: Readonly<Record<string, string>> = {
  [String.raw`protocol/src/json.ts /"(?:[^"\\]|\\.)*"/g`]:
    'sees only text that JSON.parse has read: there every quotation mark has its partner',
  'server/src/config.ts /(\\d+)(ms|s|m|h|d)/g': 'a duration in the configuration',
  'server/src/url-passwords.ts':
    'addresses in the configuration, and what a database said when it could not be opened',
  'client/src/client.ts /\\/+$/': ownUrl,
  'client/src/rest.ts /\\/+$/': ownUrl,
  'client/src/links/websocket.ts /\\/+$/': ownUrl,
  'client/src/sha256.ts /=+$/': 'a digest of 44 characters',
}
const isSpared = ({ file, text }: { file: string; text: string }): boolean =>
  file in spared || `${file} ${text}` in spared

/** Characters; the small ones come first, so that a pattern without an end is noticed before it would never come back. */
const sizes = [20, 25, 30, 200, 2000, 16_384, 65_536]
const longest = 50

/** Characters and short runs that the pattern itself is about: what it can repeat, it is given 64 KB of. */
function atomsOf(source: string): string[] {
  const classes: [RegExp, string][] = [
    [/\\d|\[0-9/, '1'],
    [/\\w|\[a-z/i, 'a'],
    [/\\s| /, ' '],
    [/\\p\{/, 'é'],
    [/\\n|\\r/, '\n'],
  ]
  const literal = [...new Set(source.replace(/\\[a-zA-Z]/g, '').replace(/[()[\]{}^$|?+]/g, ''))]
  const named = classes.filter(([pattern]) => pattern.test(source)).map(([, sample]) => sample)
  return [...new Set([...named, ...literal, 'a', '0', ' ', '"', '\\'])].slice(0, 14)
}

function* pumps(source: string, size: number): Generator<string> {
  const atoms = atomsOf(source)
  const heads = ['', ...atoms.slice(0, 6)]
  for (const atom of atoms) {
    for (const head of heads) yield `${head}${atom.repeat(size - 2)}\u0000`
    for (const tail of atoms) yield `${atom.repeat(size - 1)}${tail}`
  }
  for (const a of atoms) for (const b of atoms) if (a !== b) yield `${(a + b).repeat(size / 2 - 1)}\u0000`
}

/** Milliseconds of the slowest of all pumped texts; a slow one is looked at again, as another program may have been in the way. */
function slowest(pattern: RegExp): number {
  let worst = 0
  for (const size of sizes)
    for (const text of pumps(pattern.source, size)) {
      const took = measure(pattern, text)
      worst = Math.max(worst, took < longest ? took : Math.min(took, measure(pattern, text)))
      if (worst >= longest) return worst
    }
  return worst
}

function measure(pattern: RegExp, text: string): number {
  pattern.lastIndex = 0
  const started = performance.now()
  if (pattern.global) text.replace(pattern, '')
  else pattern.test(text)
  return performance.now() - started
}

describe('A26 regular expressions', () => {
  it('A26 are found in the sources, each of them', () => {
    expect(found.length).toBeGreaterThan(40)
    // Whatever is used as a pattern on the spot must be among those found.
    for (const [file, source] of sources) {
      const used =
        source.match(
          /\/[dgimsuvy]*\.(?:test|exec)\(|\b(?:replace|replaceAll|match|matchAll|split)\(\s*\//g,
        ) ?? []
      const here = found.filter((pattern) => pattern.file === file).length
      expect(here, file).toBeGreaterThanOrEqual(used.length)
    }
  })

  it('A26 are never made of text at run time', () => {
    const made = [...sources].filter(([, source]) => /\bRegExp\(/.test(source)).map(([file]) => file)
    expect(made).toEqual([])
  })

  it.each(found.filter((pattern) => !isSpared(pattern)))(
    'A26 $file $text reads 64 KB of anything in less than 50 ms',
    ({ source, flags }) => {
      expect(slowest(new RegExp(source, flags))).toBeLessThan(longest)
    },
  )

  it('A26 what is spared is still there', () => {
    const there = found.flatMap(({ file, text }) => [file, `${file} ${text}`])
    for (const name of Object.keys(spared)) expect(there).toContain(name)
  })

  it.each([/^(a+)+$/, /(\w|\d)+;/, /\s+$/, /"(?:[^"\\]|\\.)*"/g, /^(?:.*,)*x$/])(
    'A26 %s would be noticed',
    (bad) => {
      expect(slowest(bad)).toBeGreaterThanOrEqual(longest)
    },
  )
})

function readingOf(text: string): string {
  try {
    parseJson(text)
    return 'read'
  } catch (error) {
    return (error as { kind?: string }).kind ?? String(error)
  }
}

describe('A26 bodies of four megabytes', () => {
  const inners: [string, string][] = [
    ['a number of four million digits', `{"a":${'1'.repeat(4_000_000)}}`],
    ['a number of four million digits with an exponent', `{"a":${'1'.repeat(4_000_000)}e1}`],
    ['a fraction of four million digits', `{"a":0.${'1'.repeat(4_000_000)}}`],
    ['two million escaped quotation marks', `{"a":"${'\\"'.repeat(2_000_000)}","n":1234567890123456789}`],
    ['half a million strings', `{"a":[${'"\\"",'.repeat(500_000)}""],"n":1234567890123456789}`],
    ['two hundred thousand long numbers', `{"a":[${'1234567890123456789,'.repeat(200_000)}0]}`],
    ['four million minus signs', `{"a":"${'-'.repeat(4_000_000)}","n":1234567890123456789}`],
    ['a million objects', `{"a":${'['.repeat(1000)}${'{},'.repeat(1_000_000)}0${']'.repeat(1000)}}`],
  ]
  it.each(inners)('A26 %s hold up nobody', (_, text) => {
    const started = performance.now()
    expect(['read', 'invalid_parameter']).toContain(readingOf(text))
    // It took seconds to hours where it grew with the square; a second leaves room for a busy machine.
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
