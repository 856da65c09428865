import type { Document } from 'mongodb'
import type { Amend, Entry } from '../../core/ports.ts'
import { documentName } from './documents.ts'
import type { Named, Update } from './server.ts'

/**
 * Custom messages whose data is a JSON object, once more as fields: `{conversation_id, seq, type, data: {…}}`. For people
 * and programs beside ours, who index and query what their clients send without a migration:
 * `db.im_custom.createIndex({'data.order.id': 1}, {sparse: true})`. Nothing of ours reads it; so it is a collection of
 * its own, where an index that refuses a document costs that document its place here, and not the message.
 */
export const customs = 'im_custom'

const customType = 100

/** What becomes of them with a commit. */
export interface CustomWrites {
  readonly puts: readonly Named[]
  /** In the place of what was recalled, or edited into something else; there is nothing of most messages. */
  readonly ends: readonly Update[]
  readonly edits: readonly Update[]
}

export function customWrites(
  entries: readonly Entry[],
  amends: readonly Amend[],
  slot: number,
): CustomWrites {
  const puts = entries.flatMap(({ msg_type, conversation_id, seq, body }) => {
    const fields = msg_type === customType ? fieldsOf(body) : undefined
    return fields
      ? [{ ...fields, _id: documentName([conversation_id, seq]), slot, conversation_id, seq }]
      : []
  })
  const ends: Update[] = []
  const edits: Update[] = []
  for (const { conversation_id, seq, body } of amends) {
    const fields = fieldsOf(body)
    const q = { _id: documentName([conversation_id, seq]), slot: { $lt: slot } }
    if (fields) edits.push({ q, u: { ...fields, slot, conversation_id, seq } })
    else ends.push({ q, u: { slot, gone: true } })
  }
  return { puts, ends, edits }
}

/** Type and data of a custom body; undefined where the data is none that every server takes as a document. */
function fieldsOf(body: string): Document | undefined {
  // Most bodies are not of this type, and to look is cheaper than to parse.
  if (!body.includes('"data":"{')) return undefined
  try {
    const { type, data } = JSON.parse(body) as Document
    const fields: unknown = JSON.parse(data as string)
    return isPlain(fields) ? { ...(type !== undefined && { type }), data: fields } : undefined
  } catch {
    // Data is whatever the client means by it; here only what happens to be JSON counts.
    return undefined
  }
}

const deepest = 20

function isPlain(value: unknown, depth = 0): boolean {
  if (depth > deepest) return false
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return true
  // An array right within an array is more than FerretDB takes.
  if (Array.isArray(value)) return value.every((v) => !Array.isArray(v) && isPlain(v, depth + 1))
  return Object.entries(value).every(([key, inner]) => isName(key) && isPlain(inner, depth + 1))
}

function isName(key: string): boolean {
  return (
    key !== '' && key !== '__proto__' && key.isWellFormed() && !['.', '$', '\0'].some((c) => key.includes(c))
  )
}
