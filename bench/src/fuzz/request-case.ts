import type { Random } from '../random.ts'
import { between, chance, oneOf } from './choice.ts'
import type { Entry, Field, Known, Schema } from './grammar.ts'
import { hostileText, hostileValue } from './hostile.ts'

export type Fields = Record<string, unknown>

/** Sound input of this operation, and then mostly not quite. */
export function inputOf(random: Random, entry: Entry, known: Known): Fields {
  const input: Fields = {}
  for (const field of entry.fields) {
    if (field.required || chance(random, 0.5)) input[field.name] = soundValue(random, field, known)
  }
  const changes = oneOf(random, [0, 1, 1, 1, 2, 3])
  for (let i = 0; i < changes; i++) change(random, entry, input)
  return input
}

function change(random: Random, entry: Entry, input: Fields): void {
  const names = entry.fields.map(({ name }) => name)
  const name = names.length === 0 || chance(random, 0.1) ? hostileText(random) : oneOf(random, names)
  const kind = between(random, 0, 5)
  if (kind === 0) delete input[name]
  else if (kind === 1) define(input, name, hostileText(random))
  else if (kind === 2) define(input, name, inside(random, input[name]))
  else if (kind === 3) define(input, hostileText(random), hostileValue(random))
  else define(input, name, hostileValue(random))
}

/** Also `__proto__` is a member like any other. */
function define(input: Fields, name: string, value: unknown): void {
  Object.defineProperty(input, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Something deeper down is changed; where there is nothing, the value itself. */
function inside(random: Random, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0) {
    return value.with(between(random, 0, value.length - 1), hostileValue(random))
  }
  if (typeof value === 'object' && value !== null) {
    const copy: Fields = { ...value }
    const keys = Object.keys(copy)
    const key = keys.length === 0 ? hostileText(random) : oneOf(random, keys)
    define(copy, key, chance(random, 0.5) ? inside(random, copy[key]) : hostileValue(random))
    return copy
  }
  return typeof value === 'string' ? value + hostileText(random) : hostileValue(random)
}

const contents: readonly { readonly type: number; readonly content: Fields }[] = [
  { type: 1, content: { text: { text: 'words' } } },
  { type: 2, content: { image: { url: 'https://x/y.png', width: 1, height: 1, size: 10 } } },
  { type: 5, content: { file: { url: 'https://x/y.bin', name: 'y.bin', size: 10 } } },
  { type: 6, content: { location: { latitude: 1.5, longitude: 2.5, name: 'here' } } },
  { type: 100, content: { custom: { type: 'x', data: '{"a":[1,{}]}' } } },
]

/** Values of fields that mean something beyond their type. */
function byName(random: Random, name: string, known: Known): unknown {
  switch (name) {
    case 'user_id':
    case 'recv_id':
    case 'inviter_id':
      return oneOf(random, known.users)
    case 'group_id':
      return oneOf(random, known.groups)
    case 'conversation_id':
    case 'cursor_conversation_id':
      return oneOf(random, known.conversations)
    case 'user_ids':
    case 'member_ids':
    case 'mentions':
      return known.users.slice(0, between(random, 0, known.users.length))
    case 'client_msg_id':
      return `c${between(random, 0, 1e9)}`
    case 'content':
      return oneOf(random, contents).content
    case 'msg_type':
      return oneOf(random, contents).type
    // Far away: nothing that was taken begins or ends by itself while others are judged.
    case 'at':
    case 'until':
      return Date.now() + 864e5 * between(random, 2, 300)
    case 'seconds':
    case 'expires_in':
      return 86_400 * between(random, 2, 300)
    default:
      return name === 'seq' || name.endsWith('_seq') ? between(random, 1, 12) : undefined
  }
}

function soundValue(random: Random, { name, schema }: Field, known: Known): unknown {
  return byName(random, name, known) ?? fitting(random, schema)
}

function fitting(random: Random, schema: Schema): unknown {
  if (schema.anyOf) return fitting(random, oneOf(random, schema.anyOf))
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return oneOf(random, schema.enum)
  switch (schema.type) {
    case 'string': {
      const longest = Math.min(schema.maxLength ?? 40, 40)
      return 'abc é😀'
        .repeat(9)
        .slice(0, between(random, schema.minLength ?? 0, longest))
        .toWellFormed()
    }
    case 'integer':
    case 'number':
      return between(random, Math.max(schema.minimum ?? 0, 0), Math.min(schema.maximum ?? 100, 100))
    case 'boolean':
      return chance(random, 0.5)
    case 'array': {
      const { items = {} } = schema
      return Array.from({ length: between(random, 0, 4) }, () => fitting(random, items))
    }
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, fitting(random, inner)]),
      )
    default:
      return hostileValue(random)
  }
}
