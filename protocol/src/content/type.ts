import type { TObject } from 'typebox'
import Type from 'typebox'

/** The parsed, typed body of a message: what is stored, and what two sends are compared by. */
export type Body = Readonly<Record<string, unknown>>

/** One message type: its numbers on every door, its key inside `content` and its spellings (nexo-wire section 6). */
export interface ContentType {
  readonly name: string
  /** Nexo number ★; 6, 7 and 8 are ours. */
  readonly number: number
  readonly openim: number
  readonly key: string
  readonly schema: TObject
  /** The field that the flat string fills; types without one appear as their object. */
  readonly flat?: string
  /** Field → long key of the old API document. */
  readonly long?: Readonly<Record<string, string>>
  /** Byte limits that JSON Schema cannot express. */
  readonly maxBytes?: Readonly<Record<string, number>>
  /** Fields that hold a URL or an opaque reference. */
  readonly urls?: readonly string[]
  /** Further rules of the type; a string names what is wrong. */
  readonly refuse?: (body: Body) => string | undefined
  /** One line for a conversation list; never more than the start of a text. */
  readonly preview: (body: Body) => string
}

export const Url = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'http(s) URL, or an opaque reference.',
})
export const Bytes = Type.Integer({ minimum: 0, maximum: 2 ** 53 - 1, description: 'Bytes.' })
export const Pixels = Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Pixels.' })
export const Seconds = Type.Number({
  minimum: 0,
  maximum: 31_536_000,
  description: 'Seconds, fractions allowed.',
})
export const Mime = Type.String({ maxLength: 128 })
export const maxTextBytes = 65_535

/** `width` → `image_width`, only the thumbnail is plainly `thumbnail_url`. */
export function longKeys(kind: string, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((f) => [f, f === 'thumbnail' ? 'thumbnail_url' : `${kind}_${f}`]))
}
