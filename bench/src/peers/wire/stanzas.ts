import type { UnitSink } from './cutter.ts'

const lt = 0x3c
const gt = 0x3e
const slash = 0x2f
const question = 0x3f
const bang = 0x21
const quotes: readonly number[] = [0x22, 0x27]
const streamTag = new TextEncoder().encode('<stream:stream')

/**
 * Cuts an XMPP stream: a unit is a whole stanza, or the tag that opens or ends the stream. Not an XML parser: it knows
 * tags and quotes, which is all that RFC 6120 lets a server send, and throws on anything else.
 */
export function cutStanzas(bytes: Uint8Array, end: number, sink: UnitSink): number {
  let at = 0
  for (;;) {
    while (at < end && isSpace(bytes[at] as number)) at += 1
    if (at === end) return at
    if (bytes[at] !== lt) throw new Error(`text outside of a stanza: ${shown(bytes, at, end)}`)
    const unit = unitEnd(bytes, at, end)
    if (unit < 0) return at
    if (bytes[at + 1] !== question) sink(bytes, at, unit)
    at = unit
  }
}

/** The place after the unit that begins at `start`, or -1 when it is not whole. */
function unitEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0
  let at = start
  for (;;) {
    const after = tagEnd(bytes, at, end)
    if (after < 0) return -1
    const second = bytes[at + 1]
    if (second === bang) throw new Error(`neither tag nor text: ${shown(bytes, at, end)}`)
    if (second === slash) depth -= 1
    else if (second !== question && bytes[after - 2] !== slash && !isStreamTag(bytes, at)) depth += 1
    if (depth <= 0) return after
    at = after
    while (at < end && bytes[at] !== lt) at += 1
    if (at === end) return -1
  }
}

/** The place after the tag that begins at `start`, or -1. */
function tagEnd(bytes: Uint8Array, start: number, end: number): number {
  let quote = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (quote !== 0) {
      if (byte === quote) quote = 0
    } else if (byte === gt) return at + 1
    else if (quotes.includes(byte)) quote = byte
  }
  return -1
}

function isStreamTag(bytes: Uint8Array, at: number): boolean {
  // `<stream:stream ` and not `<stream:streamer`.
  if (!isSpace(bytes[at + streamTag.length] ?? 0)) return false
  return streamTag.every((byte, i) => bytes[at + i] === byte)
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function shown(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, Math.min(end, start + 200))).toString()
}

/** The value of an attribute of this start tag, as it stands there; undefined when it has none. */
export function attributeOf(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}=(?:'([^']*)'|"([^"]*)")`).exec(tag)
  return found?.[1] ?? found?.[2]
}

/** Text as it stands in an attribute or between tags. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&apos;',
    '"': '&quot;',
  }
  return text.replace(/[&<>'"]/g, (character) => entities[character] as string)
}
