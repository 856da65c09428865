import type { StoreTraits } from '../../core/ports.ts'
import type { DurabilityWish, RedisAddress } from './address.ts'
import type { Connections } from './connections.ts'
import { placeOf } from './explanation.ts'

/** Since 7.0 what a script writes reaches the append-only file as one transaction, which a torn tail drops as a whole. */
const leastVersion = 7

/** What must stand in the server's redis.conf, by what the operator wants to be promised. */
const demanded: Readonly<Record<DurabilityWish, readonly string[]>> = {
  // With the last one set to yes nothing is synced while the file is rewritten.
  always: ['appendonly yes', 'appendfsync always', 'no-appendfsync-on-rewrite no'],
  everysec: ['appendonly yes', 'appendfsync everysec'],
  unchecked: [],
}

/**
 * Refuses a server that would lose what it confirmed, and says which lines of its redis.conf make it one that does not.
 * @returns D2 where every answer waits for the disk; else D1, which the operator has asked for in the URL
 */
export async function checkServer(
  connections: Connections,
  address: RedisAddress,
): Promise<StoreTraits['durability']> {
  const info = infoOf(String(await connections.call('INFO', ['default'])))
  const place = placeOf(address)
  const version = info.get('redis_version') ?? ''
  if (Number.parseInt(version, 10) < leastVersion)
    throw new Error(`${place} is version ${version}: a store needs Redis ${leastVersion}.0 or newer`)
  if (info.get('role') !== 'master')
    throw new Error(`${place} is a replica and writes nothing: name the primary in the store's URL`)
  const policy = info.get('maxmemory_policy')
  if (policy !== 'noeviction') {
    throw new Error(
      `${place} throws data away when its memory is full (maxmemory-policy ${policy}): ` +
        `write "maxmemory-policy noeviction" into its redis.conf`,
    )
  }
  await checkPersistence(connections, address, info)
  return address.durability === 'always' ? 'D2' : 'D1'
}

async function checkPersistence(
  connections: Connections,
  address: RedisAddress,
  info: ReadonlyMap<string, string>,
): Promise<void> {
  const lines = demanded[address.durability]
  if (lines.length === 0) return
  const isAppending = info.get('aof_enabled') === '1'
  const config = isAppending ? await configOf(connections, lines) : new Map([['appendonly', 'no']])
  if (config === undefined) {
    throw new Error(
      `${placeOf(address)} does not tell whether it syncs what it confirms (CONFIG is forbidden): allow +config|get ` +
        `for this user, or take the promise upon yourself with durability=unchecked in the store's URL`,
    )
  }
  const missing = lines.filter((line) => {
    const [name = '', value] = line.split(' ')
    const found = config.get(name)
    return found !== value && !(name === 'appendfsync' && found === 'always')
  })
  if (missing.length === 0) return
  const others =
    address.durability === 'always'
      ? `; who can lose the last second in a power cut writes durability=everysec into the store's URL`
      : ''
  throw new Error(
    `${placeOf(address)} would lose what it confirmed: write "${missing.join('", "')}" into its redis.conf${others}`,
  )
}

async function configOf(
  connections: Connections,
  lines: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const names = lines.map((line) => line.split(' ')[0] ?? '')
  try {
    const flat = (await connections.call('CONFIG', ['GET', ...names])) as string[]
    return new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : [])))
  } catch (error) {
    // Forbidden to this user, or taken away from everybody by renaming.
    const { message } = (error as Error).cause as Error
    if (/^NOPERM|unknown command/.test(message)) return undefined
    throw error
  }
}

function infoOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').map((line) => line.split(':'))
  return new Map(lines.map(([name = '', ...value]) => [name, value.join(':')]))
}
