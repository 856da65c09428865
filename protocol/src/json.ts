import { ImError } from './errors.ts'

// A number this long, or with an exponent, may leave int64, which a double cannot tell; and only an escape can hide a lone
// surrogate.
const suspicious = /\d{19}|[:,[]\s*-?\d+(?:\.\d+)?[eE]\+?\d|\\u[dD][89a-fA-F]/
/** Half as dear to look for, and without it there is nothing suspicious; an id of letters and digits may have it, too. */
const hint = /\d(?:\d{18}|[eE]\+?\d)|\\u[dD][89a-fA-F]/
/** A number literal. Linear: no part of it can match what another one matches. */
const literals = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/** From here on a double is written with an exponent again. */
const plainUpTo = 1e21

/**
 * Parses JSON text from outside. Beyond JSON's own rules it refuses integers outside int64 and text that is not
 * well-formed Unicode; integers between 2^53 and 2^63 are read as very large (nexo-wire section 15).
 * Throws `invalid_parameter`. @param text JSON text
 */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ImError('invalid_parameter', { detail: 'not valid JSON', cause })
  }
  judgeJson(text, value)
  return value
}

/** The rules beyond JSON's own, for text that was parsed already. Throws `invalid_parameter`. */
export function judgeJson(text: string, value: unknown): void {
  if (!hint.test(text) || !suspicious.test(text)) return
  let ill = false
  const visit = (v: unknown, depth: number): void => {
    if (typeof v === 'string') ill ||= !v.isWellFormed()
    else if (typeof v === 'object' && v !== null && depth < 200) {
      for (const [key, inner] of Object.entries(v)) {
        ill ||= !key.isWellFormed()
        visit(inner, depth + 1)
      }
    }
  }
  visit(value, 0)
  if (ill) throw new ImError('invalid_parameter', { detail: 'text holds a lone surrogate' })
  // Digits inside strings are no numbers, so strings go first.
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  for (const [literal] of bare.matchAll(literals)) {
    if (isOutside(literal)) throw new ImError('invalid_parameter', { detail: 'a number is outside int64' })
  }
}

function isOutside(literal: string): boolean {
  if (/[.eE]/.test(literal)) {
    // It would be written down without its point, as an integer that nobody may read.
    const size = Math.abs(Number(literal))
    return size >= 2 ** 63 && size < plainUpTo
  }
  if (literal.length < 19) return false
  // JSON knows no leading zeros: twenty digits are too many whatever they are, and BigInt is slow with millions.
  if (literal.length > 20) return true
  const n = BigInt(literal)
  return n > 9223372036854775807n || n < -9223372036854775808n
}

// One for all calls: without `stream` a decoder keeps nothing between them.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** UTF-8 bytes to text; bytes that are not UTF-8 throw `invalid_parameter`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new ImError('invalid_parameter', { detail: 'not valid UTF-8', cause })
  }
}
