/** Where the store lives and how it is spoken to, as its URL says. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly isSecured: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
  /** Stands in front of every key, so that two services on one Redis never meet. */
  readonly keyPrefix: string
  /** Most connections at once. */
  readonly poolSize: number
  /** Longest wait of one request, in ms. */
  readonly timeout: number
  /** What the operator wants to be promised; see `server-check.ts`. */
  readonly durability: DurabilityWish
}

const wishes = ['always', 'everysec', 'unchecked'] as const
export type DurabilityWish = (typeof wishes)[number]

const shape = 'redis://user:password@host:6379/0?key_prefix=nexo:&pool_size=4&timeout=5000&durability=always'
const known = ['key_prefix', 'pool_size', 'timeout', 'durability']

/** Throws a sentence that never repeats the password: it may stand anywhere in a mistyped URL. */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = parse(url)
  for (const option of parsed.searchParams.keys()) {
    if (!known.includes(option))
      throw new Error(`the store's URL has an unknown option "${option}"; known are ${known.join(', ')}`)
  }
  const option = (name: string, otherwise: string): string => parsed.searchParams.get(name) ?? otherwise
  return {
    // The brackets of an IPv6 address belong to the URL and not to the address.
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    isSecured: parsed.protocol === 'rediss:',
    username: parsed.username === '' ? undefined : decodeURIComponent(parsed.username),
    password: parsed.password === '' ? undefined : decodeURIComponent(parsed.password),
    db: whole(parsed.pathname.replace(/^\/|\/$/g, '') || '0', 'the database behind the slash', 0, 1_000_000),
    keyPrefix: prefixOf(option('key_prefix', 'nexo:')),
    poolSize: whole(option('pool_size', '4'), 'pool_size', 1, 1000),
    timeout: whole(option('timeout', '5000'), 'timeout', 1, 600_000),
    durability: wishOf(option('durability', 'always')),
  }
}

function parse(url: string): URL {
  const parsed = URL.parse(url)
  if (parsed === null || parsed.hostname === '' || !/^rediss?:$/.test(parsed.protocol))
    throw new Error(`the store's URL cannot be read; a Redis is named like ${shape}`)
  return parsed
}

function whole(text: string, what: string, least: number, most: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : -1
  if (value < least || value > most)
    throw new Error(`the store's URL: ${what} must be a whole number from ${least} to ${most}`)
  return value
}

/** Braces mark what Redis Cluster hashes; with more of them two prefixes could make the same key. */
function prefixOf(text: string): string {
  if (/[{}\s]/.test(text)) throw new Error(`the store's URL: key_prefix has no braces and no white space`)
  return text
}

function wishOf(text: string): DurabilityWish {
  const wish = wishes.find((w) => w === text)
  if (wish === undefined) throw new Error(`the store's URL: durability must be one of ${wishes.join(', ')}`)
  return wish
}
