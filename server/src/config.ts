import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { type Option, options } from './config-options.ts'
import { nearestWord } from './spelling.ts'
import { withoutPasswords } from './url-passwords.ts'

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
  return Object.fromEntries(names.map((n) => [n, masked(n, config[n])]))
}

function masked(name: OptionName, value: unknown): unknown {
  if ((options[name] as Option).secret && value !== undefined) return '***'
  return typeof value === 'string' ? withoutPasswords(value) : value
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
  if (/^lynx\b/.test(name))
    return 'this version does not read the settings of a Lynx application yet, remove this block'
  const nearest = nearestWord(name, names)
  return `there is no such key${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
}
