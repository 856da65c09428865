import type { Check } from '../check.ts'
import { compileCheck } from '../check.ts'
import { ImError } from '../errors.ts'
import { contentType, contentTypes } from './index.ts'
import type { Body, ContentType } from './type.ts'

type Raw = Readonly<Record<string, unknown>>

const refuse = (detail: string): never => {
  throw new ImError('invalid_parameter', { detail })
}

const isRecord = (v: unknown): v is Raw => typeof v === 'object' && v !== null && !Array.isArray(v)
const given = (v: unknown): boolean => v !== undefined && v !== null && v !== ''

const checks = new Map<number, Check>()

/** Compiled when first needed: a page under a strict policy that never reads content must not try to compile. */
function checkOf(kind: ContentType): Check {
  const known = checks.get(kind.number) ?? compileCheck(kind.schema)
  checks.set(kind.number, known)
  return known
}

/**
 * Reads `content` in any of its three spellings – flat, typed, long keys – into the typed body
 * (nexo-wire section 6). Throws 1001 unless exactly the one body of `type` is there and fits its schema.
 */
export function readContent(type: number, content: unknown): Body {
  const kind = contentType(type) ?? refuse(`msg_type: ${type} is not a message type`)
  if (!isRecord(content)) return refuse('content: an object is required')
  for (const other of contentTypes) {
    if (other === kind || !given(content[other.key])) continue
    // Answers repeat kinds 6–8 as `custom` JSON text, so that an answer can be sent on as it is.
    if (other.key === 'custom' && kind.flat === undefined) continue
    refuse(`content: ${other.key} does not belong to msg_type ${type}`)
  }
  const main = content[kind.key]
  const body =
    typeof main === 'string' && main !== '' ? readFlat(kind, main, content) : readTyped(kind, main, content)
  return judge(kind, body)
}

function readFlat(kind: ContentType, flat: string, content: Raw): Body {
  if (kind.flat === undefined) return refuse(`content.${kind.key}: an object is required`)
  if (kind.name !== 'custom') return merge(kind, { [kind.flat]: flat }, longFields(kind, content))
  const long = longFields(kind, content)
  // Our own flat text of a typed custom body, coming back beside its long keys: the long keys win.
  if (given(long['data']) && flat === flatString(kind, long)) return long
  if (!isJsonText(flat)) return refuse('content.custom: not valid JSON text')
  return merge(kind, { data: flat }, long)
}

function readTyped(kind: ContentType, main: unknown, content: Raw): Body {
  if (given(main) && !isRecord(main)) return refuse(`content.${kind.key}: an object or a string is required`)
  return merge(kind, isRecord(main) ? main : {}, longFields(kind, content))
}

function longFields(kind: ContentType, content: Raw): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [field, long] of Object.entries(kind.long ?? {})) {
    if (given(content[long])) found[field] = content[long]
  }
  return found
}

function merge(kind: ContentType, main: Raw, long: Raw): Body {
  for (const [field, value] of Object.entries(long)) {
    if (given(main[field]) && JSON.stringify(main[field]) !== JSON.stringify(value)) {
      refuse(`content: ${kind.long?.[field]} contradicts ${kind.key}.${field}`)
    }
  }
  return { ...main, ...long }
}

/** Only the fields the schema knows, in the schema's order, so that equal bodies have equal JSON. */
function judge(kind: ContentType, raw: Body): Body {
  const body: Record<string, unknown> = {}
  for (const field of Object.keys(kind.schema.properties)) {
    if (field !== 'snapshot' && given(raw[field])) body[field] = raw[field]
  }
  if (given(raw['data']) && kind.name !== 'custom') {
    refuse(`content.${kind.key}: inline data is not accepted, send a url`)
  }
  const problem = checkOf(kind)(body)
  if (problem !== undefined) refuse(`content.${kind.key}${problem}`)
  for (const [field, limit] of Object.entries(kind.maxBytes ?? {})) {
    const value = body[field]
    if (typeof value === 'string' && !fitsBytes(value, limit)) {
      refuse(`content.${kind.key}.${field}: more than ${limit} bytes`)
    }
  }
  for (const field of kind.urls ?? []) refuseBadUrl(`content.${kind.key}.${field}`, body[field])
  const refusal = kind.refuse?.(body)
  if (refusal !== undefined) refuse(`content.${kind.key}: ${refusal}`)
  return body
}

/** UTF-8 length without encoding: a UTF-16 unit is at most three bytes, so most texts pass without counting. */
export function fitsBytes(value: string, limit: number): boolean {
  if (value.length * 3 <= limit) return true
  return value.length <= limit && new TextEncoder().encode(value).length <= limit
}

function refuseBadUrl(where: string, value: unknown): void {
  if (typeof value !== 'string') return
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(value)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'http' || scheme === 'https') return
  if (scheme === 'data') refuse(`${where}: inline data is not accepted, send a url`)
  refuse(`${where}: the scheme ${scheme}: is not allowed`)
}

export function isJsonText(value: string): boolean {
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

/** The typed view: `{ image: { url, … } }`. */
export function typedContent(type: number, body: Body): Record<string, unknown> {
  const kind = contentType(type)
  return kind ? { [kind.key]: body } : {}
}

/**
 * The flat view, the default of every answer: the key holds a string, known details follow as long keys.
 * Location, card and quote have no flat string: their object, and again as JSON text in `custom`.
 */
export function flatContent(type: number, body: Body): Record<string, unknown> {
  const kind = contentType(type)
  if (!kind) return {}
  if (kind.flat === undefined) {
    return { [kind.key]: body, custom: JSON.stringify({ type: kind.name, data: JSON.stringify(body) }) }
  }
  const main = flatString(kind, body)
  const view: Record<string, unknown> = { [kind.key]: main }
  for (const [field, long] of Object.entries(kind.long ?? {})) {
    if (body[field] === undefined || (field === kind.flat && body[field] === main)) continue
    view[long] = body[field]
  }
  return view
}

/** The flat string of a body, as in `content.<key>` and in the `content_*` columns. */
function flatString(kind: ContentType, body: Body): string {
  if (kind.name !== 'custom') return String(body[kind.flat ?? ''] ?? '')
  const data = String(body['data'])
  if (body['type'] === undefined && isJsonText(data)) return data
  return JSON.stringify(body['type'] === undefined ? { data } : { type: body['type'], data })
}

/** The six string columns beside `content` over HTTP; `content_custom` is null unless used. */
export function contentColumns(type: number, body: Body): Record<string, string | null> {
  const columns: Record<string, string | null> = {
    content_text: '',
    content_image: '',
    content_video: '',
    content_audio: '',
    content_file: '',
    content_custom: null,
  }
  const kind = contentType(type)
  if (!kind) return columns
  if (kind.flat === undefined) columns['content_custom'] = String(flatContent(type, body)['custom'])
  else columns[`content_${kind.key}`] = flatString(kind, body)
  return columns
}
