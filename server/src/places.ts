import { join } from 'node:path'
import { type Config, ConfigError } from './config.ts'

/** Where a service keeps everything, and what its nodes hear each other by. */
export interface Places {
  readonly store: string
  readonly bus?: string
}

interface Server {
  readonly scheme: string
  readonly host: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly path?: string | undefined
  readonly options?: Readonly<Record<string, string | number | undefined>>
}

/**
 * The documented blocks of the configuration as URLs, which every driver is opened by. `storage.url` wins over
 * `storage.type`, that over the `mysql` block; without any of them it is SQLite in the data folder.
 * @param folder the data folder
 */
export function placesOf(config: Config, folder: string): Places {
  const bus = busOf(config)
  return { store: storeOf(config, folder), ...(bus !== undefined && { bus }) }
}

function storeOf(config: Config, folder: string): string {
  const url = config['storage.url']
  if (url !== undefined) return withOptions(url, tuning(config))
  const type = config['storage.type']
  if (type !== undefined) return storeOfType(config, type, folder)
  if (config['mysql.host'] !== undefined || config['mysql.database'] !== undefined) {
    return urlOf({
      scheme: 'mysql',
      host: config['mysql.host'] ?? 'localhost',
      port: config['mysql.port'],
      user: config['mysql.user'],
      password: config['mysql.password'],
      path: config['mysql.database'] ?? 'nexo_im',
      options: {
        pool_size: config['mysql.max_open_conns'] ?? config['storage.pool_size'],
        max_idle: config['mysql.max_idle_conns'],
        timeout: config['storage.timeout'],
      },
    })
  }
  return `sqlite:${join(folder, 'nexo.db')}`
}

function storeOfType(config: Config, type: NonNullable<Config['storage.type']>, folder: string): string {
  const addr = config['storage.addr']
  if (type === 'memory') return 'memory:'
  if (type === 'sqlite') return `sqlite:${addr ?? join(folder, 'nexo.db')}`
  if (addr === undefined)
    throw new ConfigError(`storage.addr: host:port of the ${type} server is expected beside storage.type`)
  const [host = '', port] = splitAddress(addr)
  return urlOf({
    scheme: type,
    host,
    port: port === undefined ? undefined : Number(port),
    user: config['storage.username'],
    password: config['storage.password'],
    path: config['storage.database'] ?? (type === 'redis' ? '0' : 'nexo_im'),
    options: { ...(type === 'redis' && { key_prefix: config['redis.key_prefix'] }), ...tuning(config) },
  })
}

function tuning(config: Config): Record<string, number | undefined> {
  return { pool_size: config['storage.pool_size'], timeout: config['storage.timeout'] }
}

function busOf(config: Config): string | undefined {
  const prefix = config['redis.key_prefix']
  const url = config['bus.url']
  if (url !== undefined) return withOptions(url, { key_prefix: prefix })
  const host = config['redis.host']
  if (host === undefined) return undefined
  return urlOf({
    scheme: 'redis',
    host,
    port: config['redis.port'],
    password: config['redis.password'],
    path: String(config['redis.db']),
    options: { key_prefix: prefix },
  })
}

/** `host`, `host:port`, `[::1]:port`. */
function splitAddress(addr: string): string[] {
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(addr)
  if (!match) throw new ConfigError(`storage.addr: host:port is expected, not ${JSON.stringify(addr)}`)
  return match.slice(1).filter((part) => part !== undefined)
}

function urlOf({ scheme, host, port, user = '', password = '', path = '', options = {} }: Server): string {
  const who =
    user === '' && password === '' ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`
  const where = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`
  return withOptions(`${scheme}://${who}${where}/${path}`, options)
}

/** Options that the URL itself names are left as they are. */
function withOptions(url: string, options: Readonly<Record<string, string | number | undefined>>): string {
  const [base = '', query = ''] = url.split('?')
  if (!base.includes('://')) return url
  const all = new URLSearchParams(query)
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !all.has(name)) all.set(name, String(value))
  return all.size === 0 ? base : `${base}?${all}`
}
