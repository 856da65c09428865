import { ImError, type Operation, type Route } from '@nexo-im/protocol'

interface Field {
  readonly type?: string
}

/**
 * The query of a route as typed input: numbers and booleans as the operation's schema has them. `+` is a space,
 * a bad `%`, a number or a boolean that does not parse is 1001, an empty value is absent.
 * `views` holds what is not input, e.g. `content=typed`.
 */
export function readQuery(
  text: string,
  operation: Operation,
  route: Route,
): { query: Record<string, unknown>; views: Map<string, string> } {
  const fields = operation.input.properties as Readonly<Record<string, Field>>
  const allowed = route.method === 'GET' ? Object.keys(fields) : (route.query ?? [])
  const query: Record<string, unknown> = {}
  const views = new Map<string, string>()
  for (const part of text.split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    const name = decode(at < 0 ? part : part.slice(0, at))
    const value = at < 0 ? '' : decode(part.slice(at + 1))
    if (!allowed.includes(name)) views.set(name, value)
    else if (value !== '') query[name] = typed(name, value, fields[name]?.type)
  }
  return { query, views }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch (cause) {
    throw new ImError('invalid_parameter', { detail: 'the query is not percent-encoded UTF-8', cause })
  }
}

function typed(name: string, value: string, type: string | undefined): unknown {
  if (type === 'integer') {
    if (!/^-?\d{1,25}$/.test(value))
      throw new ImError('invalid_parameter', { detail: `${name}: an integer is required` })
    const exact = BigInt(value)
    if (exact > 9223372036854775807n || exact < -9223372036854775808n) {
      throw new ImError('invalid_parameter', { detail: `${name}: outside int64` })
    }
    return Number(value)
  }
  if (type === 'boolean') {
    if (/^(true|1)$/i.test(value)) return true
    if (/^(false|0)$/i.test(value)) return false
    throw new ImError('invalid_parameter', { detail: `${name}: true or false is required` })
  }
  return value
}
