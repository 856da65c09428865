/** Where a bus is, taken apart from its URL. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Without the leading slash. */
  readonly path: string
  readonly isSecure: boolean
  /** Keeps services apart that share a server. */
  readonly prefix: string
  /** Of connecting, ms. */
  readonly timeout: number
}

const options = ['key_prefix', 'timeout']

/** Throws a sentence for an option that nobody knows. */
export function readAddress(text: string, defaultPort: number): Address {
  const url = new URL(text)
  for (const name of url.searchParams.keys()) {
    if (!options.includes(name))
      throw new Error(
        `bus ${url.protocol}//${url.host}: unknown option ${name}; known are ${options.join(', ')}`,
      )
  }
  const timeout = Number(url.searchParams.get('timeout') ?? 5000)
  if (!(timeout > 0))
    throw new Error(`bus ${url.protocol}//${url.host}: timeout must be milliseconds above 0`)
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: url.port === '' ? defaultPort : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    path: url.pathname.replace(/^\//, ''),
    isSecure: url.protocol === 'rediss:' || url.protocol === 'tls:',
    prefix: url.searchParams.get('key_prefix') ?? 'nexo:',
    timeout,
  }
}

/** A sentence for a bus that cannot be opened; never with the password. */
export function unreachable(what: string, { host, port }: Address, cause: unknown): Error {
  const said = cause instanceof Error ? cause.message : String(cause)
  const isRefused = /WRONGPASS|NOAUTH|AUTH|authorization/i.test(said)
  const fix = isRefused ? 'check user and password' : 'is it running, and may this machine reach it?'
  return new Error(`the bus cannot be used: ${what} at ${host}:${port} says "${said}"; ${fix}`, { cause })
}
