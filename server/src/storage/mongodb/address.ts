/** Where a server is and how much of it we may use: what a URL `mongodb://user:password@host:port/database?…` says. */
export interface Address {
  /** The URL for the driver, without our own options. */
  readonly url: string
  readonly user: string | undefined
  readonly database: string
  /** Connections open at once to the server that takes the writes. */
  readonly poolSize: number
  /** Milliseconds that a request may take: connect, wait for a free connection and answer together. */
  readonly timeout: number
  /** Writes in one command; undefined = what suits the server. */
  readonly batch: number | undefined
  /** Hosts and ports, for error messages: never holds the password. */
  readonly place: string
}

const own = ['pool_size', 'timeout', 'batch']
/** What decides how the driver finds and trusts a server; how it reads and writes is ours alone. */
const passed = [
  'authSource',
  'authMechanism',
  'replicaSet',
  'directConnection',
  'tls',
  'tlsCAFile',
  'tlsCertificateKeyFile',
  'tlsCertificateKeyFilePassword',
]
const shape = 'mongodb://user:password@host:27017/database'

/** Throws with a sentence that names what is wrong and what is known; the password is in none of them. */
export function readAddress(url: string): Address {
  const { scheme, credentials, hosts, database, query } = parse(url)
  for (const name of query.keys()) {
    if (!own.includes(name) && !passed.includes(name))
      throw new Error(
        `the MongoDB URL has an unknown option "${name}": known are ${[...own, ...passed].join(', ')}`,
      )
  }
  const options = new URLSearchParams([...query].filter(([name]) => passed.includes(name)))
  // Decoded as a whole, so that a broken code in the password is told here and not by the driver, which quotes it.
  decoded(credentials ?? '')
  const user = credentials?.split(':')[0]
  return {
    url: `${scheme}://${credentials === undefined ? '' : `${credentials}@`}${hosts}/${encodeURIComponent(database)}?${options}`,
    user: user === undefined ? undefined : decoded(user),
    database,
    poolSize: numberOf(query, 'pool_size', 1, 1000) ?? 10,
    timeout: numberOf(query, 'timeout', 100, 3_600_000) ?? 5000,
    batch: numberOf(query, 'batch', 1, 1000),
    place: hosts,
  }
}

interface Parts {
  readonly scheme: string
  readonly credentials: string | undefined
  readonly hosts: string
  readonly database: string
  readonly query: URLSearchParams
}

/** By hand, because a URL of several hosts is none to Node. */
function parse(url: string): Parts {
  const [address = '', query = ''] = url.split(/\?(.*)/s)
  const found = /^(mongodb(?:\+srv)?):\/\/(?:(.*)@)?([^@/]+)(?:\/([^@]*))?$/s.exec(address)
  const [, scheme, credentials, hosts, path = ''] = found ?? []
  if (scheme === undefined || hosts === undefined || (credentials && /[@/]/.test(credentials))) {
    // Nothing of the URL is repeated: with a character that should be encoded, anything may be the password.
    throw new Error(
      `the MongoDB URL cannot be read: write it as ${shape}, with % codes for special characters in user and password`,
    )
  }
  const database = decoded(path)
  if (database === '') throw new Error(`the MongoDB URL names no database: write it as ${shape}`)
  if (/[/\\. "$*<>:|?\0]/.test(database) || Buffer.byteLength(database) > 63)
    throw new Error(
      `the MongoDB URL names the database "${database}": up to 63 bytes without / \\ . " $ * < > : | ? or spaces`,
    )
  return { scheme, credentials, hosts, database, query: new URLSearchParams(query) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error('the MongoDB URL has a broken % code: write % itself as %25')
  }
}

function numberOf(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new Error(`the MongoDB URL has ${name}=${text}: give a whole number from ${least} to ${most}`)
}
