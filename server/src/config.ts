import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'

type Kind = 'text' | 'int' | 'bool' | 'list' | 'duration'

interface Option {
  readonly kind: Kind
  readonly fallback?: unknown
  readonly min?: number
  readonly max?: number
  readonly oneOf?: readonly string[]
  readonly secret?: boolean
  readonly prose: string
}

/** Every key there is; file, environment, flags and documentation come from here (nexo-wire section 11). */
export const options = {
  'server.host': {
    kind: 'text',
    prose: 'Address to listen on. Absent: loopback in debug mode, every address in release mode.',
  },
  'server.http_port': {
    kind: 'int',
    fallback: 8080,
    min: 0,
    max: 65_535,
    prose: 'Port of HTTP and WebSocket; 0 takes a free one.',
  },
  'server.ws_port': {
    kind: 'int',
    min: 0,
    max: 65_535,
    prose: 'A second listener for /ws alone, when it differs from http_port.',
  },
  'server.mode': {
    kind: 'text',
    oneOf: ['debug', 'release'],
    prose:
      'release hides error detail and refuses weak secrets. Absent: release if NODE_ENV is production, else debug.',
  },
  'server.allowed_origins': {
    kind: 'list',
    fallback: [],
    prose: 'Origins of pages that may call: *, or a list. Absent: our own origin only.',
  },
  'server.trusted_addresses': {
    kind: 'list',
    fallback: [],
    prose: 'Client addresses exempt from the caps per address, as loopback always is.',
  },
  'storage.url': {
    kind: 'text',
    prose: 'Where everything is kept: sqlite:<path> or memory:. Absent: sqlite in the data folder.',
  },
  'jwt.secret': {
    kind: 'text',
    secret: true,
    prose: 'Signs tokens; at least 32 bytes. Absent: generated into the data folder at first start.',
  },
  'jwt.expire_hours': { kind: 'int', fallback: 168, min: 1, max: 87_600, prose: 'Life of a token in hours.' },
  'jwt.refresh_days': {
    kind: 'int',
    fallback: 30,
    min: 1,
    max: 3650,
    prose: 'Days after which a sign-in that nobody refreshed ends.',
  },
  'auth.registration_open': { kind: 'bool', fallback: true, prose: 'Whether anybody may create an account.' },
  'auth.password_min_bytes': {
    kind: 'int',
    fallback: 8,
    min: 8,
    max: 256,
    prose: 'Shortest password in bytes.',
  },
  'auth.generic_login_errors': {
    kind: 'bool',
    fallback: false,
    prose: 'One answer (2005) for unknown user and wrong password.',
  },
  'auth.session_policy': {
    kind: 'text',
    fallback: 'one_per_platform',
    oneOf: ['many', 'one_per_platform', 'one_in_all'],
    prose: 'What a login ends: nothing, the session on the same platform, or every other one.',
  },
  'limits.sends_per_minute': {
    kind: 'int',
    fallback: 600,
    min: 1,
    prose: 'Messages a user may send in a minute; all may come at once.',
  },
  'limits.requests_per_minute': {
    kind: 'int',
    fallback: 12_000,
    min: 1,
    prose: 'Requests of a user in a minute that are neither sends nor of the kinds below.',
  },
  'limits.contacts_per_minute': {
    kind: 'int',
    fallback: 120,
    min: 1,
    prose: 'Friend requests, invitations, applications and searches of a user in a minute.',
  },
  'limits.ephemeral_per_minute': {
    kind: 'int',
    fallback: 1200,
    min: 1,
    prose: 'Typing notices, delivery acks and drafts of a user in a minute.',
  },
  'limits.conversation_sends_per_minute': {
    kind: 'int',
    fallback: 120_000,
    min: 1,
    prose: 'Messages in one conversation in a minute, of all senders together.',
  },
  'limits.device_requests_per_minute': {
    kind: 'int',
    fallback: 60_000,
    min: 1,
    prose: 'Requests of one sign-in in a minute, of every kind.',
  },
  'limits.address_requests_per_minute': {
    kind: 'int',
    fallback: 120_000,
    min: 1,
    prose: 'Requests from one address in a minute; loopback is exempt.',
  },
  'limits.group_members': {
    kind: 'int',
    fallback: 200_000,
    min: 2,
    max: 1_000_000,
    prose: 'Members of one group.',
  },
  'messages.recall_window': {
    kind: 'duration',
    fallback: 86_400_000,
    prose: 'How long an own message can be recalled; admins recall without a limit.',
  },
  'messages.edit_window': {
    kind: 'duration',
    fallback: 86_400_000,
    prose: 'How long an own message can be edited.',
  },
  'limits.logins_per_minute': {
    kind: 'int',
    fallback: 1000,
    min: 1,
    prose: 'Logins a minute from one address; loopback is exempt.',
  },
  'limits.registrations_per_minute': {
    kind: 'int',
    fallback: 1000,
    min: 1,
    prose: 'Registrations a minute from one address; loopback is exempt.',
  },
  'limits.failed_logins_per_minute': {
    kind: 'int',
    fallback: 10,
    min: 1,
    prose: 'Wrong passwords for one account before it must wait.',
  },
  'websocket.max_conn_num': {
    kind: 'int',
    fallback: 10_000,
    min: 1,
    prose: 'Sockets of this node; the next one gets 5001.',
  },
  'websocket.max_message_size': {
    kind: 'int',
    fallback: 51_200,
    min: 256,
    max: 16_777_216,
    prose: 'Bytes of an inbound frame; one more closes with 1009.',
  },
  'websocket.push_worker_num': {
    kind: 'int',
    fallback: 10,
    min: 1,
    max: 1000,
    prose: 'Share of a turn given to pushes: 200 sockets each, then others get theirs.',
  },
  'websocket.push_channel_size': {
    kind: 'int',
    fallback: 10_000,
    min: 1,
    prose: 'Messages that may wait to be pushed on this node; further ones are resynced.',
  },
  'websocket.write_channel_size': {
    kind: 'int',
    fallback: 256,
    min: 1,
    prose: 'Frames that may wait for one slow socket before pushes are left out.',
  },
  'websocket.write_wait': {
    kind: 'duration',
    fallback: 10_000,
    prose: 'Longest drain of a socket when the node stops.',
  },
  'websocket.pong_wait': {
    kind: 'duration',
    fallback: 30_000,
    min: 1000,
    prose: 'Silence after which a socket is closed.',
  },
  'websocket.ping_period': {
    kind: 'duration',
    fallback: 27_000,
    min: 500,
    prose: 'Silence after which a ping is sent.',
  },
  'log.level': {
    kind: 'text',
    fallback: 'info',
    oneOf: ['debug', 'info', 'warn', 'error', 'silent'],
    prose: 'Least severe line that is written.',
  },
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof options
type Value<O extends Option> = O['kind'] extends 'int' | 'duration'
  ? number
  : O['kind'] extends 'bool'
    ? boolean
    : O['kind'] extends 'list'
      ? readonly string[]
      : O['oneOf'] extends readonly string[]
        ? O['oneOf'][number]
        : string
export type Config = {
  readonly [N in OptionName]: (typeof options)[N] extends { fallback: unknown }
    ? Value<(typeof options)[N]>
    : Value<(typeof options)[N]> | undefined
}
/** Values as a program passes them, e.g. `{ 'server.http_port': 0 }`. */
export type ConfigInput = { readonly [N in OptionName]?: Value<(typeof options)[N]> }

export class ConfigError extends Error {
  override name = 'ConfigError'
}

const names = Object.keys(options) as OptionName[]

/**
 * Reads the configuration: defaults, then the file, then `IM_SECTION__KEY` from the environment, then what the
 * program or a flag says. Throws ConfigError naming file, line, key and what was expected.
 */
export function readConfig(sources: {
  readonly file?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly given?: ConfigInput
}): Config {
  const values = new Map<string, unknown>()
  for (const name of names) values.set(name, (options[name] as Option).fallback)
  if (sources.file !== undefined) readFile(resolve(sources.file), values)
  readEnvironment(sources.env ?? {}, values)
  for (const [name, value] of Object.entries(sources.given ?? {})) {
    if (value !== undefined) values.set(name, judge(name, value, name))
  }
  return Object.freeze(Object.fromEntries(values)) as Config
}

/** The configuration as it may be shown: secrets masked. */
export function maskedConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    names.map((n) => [n, (options[n] as Option).secret && config[n] !== undefined ? '***' : config[n]]),
  )
}

function readFile(file: string, values: Map<string, unknown>): void {
  if (!existsSync(file)) throw new ConfigError(`${file}: there is no such file`)
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines })
  const [problem] = document.errors
  if (problem)
    throw new ConfigError(`${file}:${problem.linePos?.[0].line ?? 1}: ${problem.message.split('\n')[0]}`)
  if (document.contents === null) return
  if (!isMap(document.contents)) throw new ConfigError(`${file}:1: sections like "server:" are expected`)
  walk(document.contents, '', (name, value, offset) => {
    values.set(name, judge(name, value, `${file}:${lines.linePos(offset).line}: ${name}`))
  })
}

function walk(
  map: YAMLMap,
  prefix: string,
  found: (name: string, value: unknown, offset: number) => void,
): void {
  for (const { key, value } of map.items) {
    const name = prefix + String(isScalar(key) ? key.value : key)
    if (isMap(value)) walk(value, `${name}.`, found)
    else {
      const plain = (value as { toJSON?: () => unknown } | null)?.toJSON?.() ?? null
      found(name, plain, (isScalar(key) && key.range?.[0]) || 0)
    }
  }
}

function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  values: Map<string, unknown>,
): void {
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('IM_') || !variable.includes('__') || text === undefined) continue
    const name = variable.slice(3).toLowerCase().replace('__', '.')
    const kind = (options as Readonly<Record<string, Option>>)[name]?.kind
    const value =
      kind === 'list' ? text.split(',').map((t) => t.trim()) : kind === 'text' ? text : scalar(text)
    values.set(name, judge(name, value, variable))
  }
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+$/.test(text) ? Number(text) : text
}

function judge(name: string, value: unknown, where: string): unknown {
  const option = (options as Readonly<Record<string, Option>>)[name]
  if (!option) throw new ConfigError(`${where}: ${unknownKey(name)}`)
  const wrong = (expected: string): never => {
    throw new ConfigError(
      `${where}: ${expected} is expected, not ${option.secret ? 'this' : JSON.stringify(value)}`,
    )
  }
  if (value === null) return option.fallback
  switch (option.kind) {
    case 'int':
      return typeof value === 'number' && Number.isInteger(value)
        ? inRange(option, value, wrong)
        : wrong('a whole number')
    case 'duration':
      return inRange(option, duration(value) ?? wrong('a duration like 30s or 1h30m'), wrong)
    case 'bool':
      return typeof value === 'boolean' ? value : wrong('true or false')
    case 'list':
      return Array.isArray(value) && value.every((v) => typeof v === 'string')
        ? value
        : wrong('a list of texts')
    case 'text':
      if (typeof value !== 'string') return wrong('a text')
      return option.oneOf && !option.oneOf.includes(value)
        ? wrong(`one of ${option.oneOf.join(', ')}`)
        : value
  }
}

function inRange(option: Option, value: number, wrong: (expected: string) => never): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = option
  return value < min || value > max ? wrong(`a number from ${min} to ${max}`) : value
}

/** `30s`, `1h30m`, `250ms`; a plain number is milliseconds. */
export function duration(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  if (typeof value !== 'string' || !/^(?:\d+(?:ms|s|m|h|d))+$/.test(value)) return undefined
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  return [...value.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
    (sum, [, n, u]) => sum + Number(n) * (units[u ?? ''] ?? 0),
    0,
  )
}

function unknownKey(name: string): string {
  if (/^(mysql|redis|lynx)\b/.test(name)) {
    return 'this version keeps everything in its own SQLite file; other stores are not part of it yet, remove this block'
  }
  const nearest = names.map((n) => ({ n, d: distance(n, name) })).sort((a, b) => a.d - b.d)[0]
  return `there is no such key${nearest && nearest.d <= 6 ? `; did you mean ${nearest.n}?` : ''}`
}

/** Edit distance, for the nearest known key. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
    }
    row = next
  }
  return row[b.length] ?? 0
}
