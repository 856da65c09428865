/** Where a server is and how much of it we may use: what a URL `mysql://user:password@host:port/database?…` says. */
export interface Address {
  readonly host: string
  readonly port: number
  /** Path of a Unix socket; host and port are not used then. */
  readonly socket: string | undefined
  readonly user: string
  readonly password: string
  readonly database: string
  /** TLS: `verify` wants a certificate that a known authority signed for this host, `encrypt` takes any. */
  readonly tls: 'verify' | 'encrypt' | undefined
  /** Connections open at once, the writer's included. */
  readonly poolSize: number
  /** Connections for reads kept open while nobody uses them. */
  readonly maxIdle: number
  /** Milliseconds that a connect, a query or the wait for a free connection may take. */
  readonly timeout: number
  /** For error messages: never holds the password. */
  readonly place: string
}

const options = ['pool_size', 'max_idle', 'timeout', 'ssl', 'socket']
const shape = 'mysql://user:password@host:3306/database'

/** Throws with a sentence that names what is wrong and what is known; the password is in none of them. */
export function readAddress(url: string): Address {
  const parsed = parse(url)
  for (const name of parsed.searchParams.keys()) {
    if (!options.includes(name))
      throw new Error(`the MySQL URL has an unknown option "${name}": known are ${options.join(', ')}`)
  }
  const database = decoded(parsed.pathname.slice(1))
  if (database === '' || database.includes('/'))
    throw new Error(`the MySQL URL names no database: write it as ${shape}`)
  const poolSize = numberOf(parsed, 'pool_size', 10, 2, 10_000)
  const socket = parsed.searchParams.get('socket') ?? undefined
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1'
  const port = Number(parsed.port || 3306)
  return {
    host,
    port,
    socket,
    user: decoded(parsed.username) || 'root',
    password: decoded(parsed.password),
    database,
    tls: tlsOf(parsed),
    poolSize,
    maxIdle: numberOf(parsed, 'max_idle', poolSize, 0, 10_000),
    timeout: numberOf(parsed, 'timeout', 5000, 100, 3_600_000),
    place: socket ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`),
  }
}

function parse(url: string): URL {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'mysql:' || parsed.protocol === 'mariadb:') return parsed
  } catch {
    // The cause is not passed on: Node prints the whole URL with it, password and all.
  }
  throw new Error(
    `the MySQL URL cannot be read: write it as ${shape}, with % codes for special characters in user and password`,
  )
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error('the MySQL URL has a broken % code: write % itself as %25')
  }
}

function numberOf(url: URL, name: string, fallback: number, least: number, most: number): number {
  const text = url.searchParams.get(name)
  if (text === null) return fallback
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new Error(`the MySQL URL has ${name}=${text}: give a whole number from ${least} to ${most}`)
}

function tlsOf(url: URL): Address['tls'] {
  const text = url.searchParams.get('ssl')
  if (text === null || text === 'false') return undefined
  if (text === 'true' || text === 'verify') return 'verify'
  if (text === 'encrypt') return 'encrypt'
  throw new Error(`the MySQL URL has ssl=${text}: known are false, true, verify and encrypt`)
}
