export interface Pattern {
  /** As written: `/…/flags`. */
  readonly text: string
  readonly source: string
  readonly flags: string
}

/** Words after which a slash begins a pattern; after any other word it divides. */
const openers = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'do',
  'else',
  'await',
])

/** The regular expressions written in a TypeScript source without JSX, in order. */
export function patternsIn(source: string): Pattern[] {
  const found: Pattern[] = []
  /** Depths of braces at which a template goes on behind its `${…}`. */
  const templates: number[] = []
  let depth = 0
  let at = source.startsWith('#!') ? endOf(source, '\n', 0) : 0
  // What stood before decides whether a slash divides: a value does, an operator or the start does not.
  let before = ''
  while (at < source.length) {
    const char = source[at] ?? ''
    const pair = source.slice(at, at + 2)
    if (/\s/.test(char)) at += 1
    else if (pair === '//') at = endOf(source, '\n', at)
    else if (pair === '/*') at = endOf(source, '*/', at + 2) + 2
    else if (char === "'" || char === '"') {
      at = afterQuoted(source, at, char)
      before = 'value'
    } else if (char === '`' || (char === '}' && templates.at(-1) === depth)) {
      if (char === '}') templates.pop()
      const end = afterTemplate(source, at + 1)
      const isOpen = source.slice(end - 2, end) === '${'
      if (isOpen) templates.push(depth)
      before = isOpen ? '(' : 'value'
      at = end
    } else if (char === '/' && !isValue(before)) {
      const pattern = patternAt(source, at)
      found.push(pattern)
      at += pattern.text.length
      before = 'value'
    } else {
      const word = /^[\w$]+/.exec(source.slice(at, at + 80))?.[0]
      if (char === '{') depth += 1
      if (char === '}') depth -= 1
      before = word ?? char
      at += before.length
    }
  }
  return found
}

const isValue = (before: string): boolean =>
  before === ')' || before === ']' || (/^[\w$]/.test(before) && !openers.has(before))

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from)
  return end < 0 ? source.length : end
}

function afterQuoted(source: string, from: number, quote: string): number {
  let at = from + 1
  while (at < source.length && source[at] !== quote) at += source[at] === '\\' ? 2 : 1
  return at + 1
}

/** Behind the closing backtick, or behind the `${` that interrupts. */
function afterTemplate(source: string, from: number): number {
  let at = from
  while (at < source.length) {
    if (source[at] === '`') return at + 1
    if (source[at] === '$' && source[at + 1] === '{') return at + 2
    at += source[at] === '\\' ? 2 : 1
  }
  return at
}

function patternAt(source: string, from: number): Pattern {
  let at = from + 1
  let inClass = false
  while (at < source.length && (inClass || source[at] !== '/')) {
    if (source[at] === '\\') at += 1
    else if (source[at] === '[') inClass = true
    else if (source[at] === ']') inClass = false
    at += 1
  }
  const flags = /^[a-z]*/.exec(source.slice(at + 1, at + 10))?.[0] ?? ''
  return { text: source.slice(from, at + 1 + flags.length), source: source.slice(from + 1, at), flags }
}
