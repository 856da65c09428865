import type { RedisAddress } from './address.ts'

export const placeOf = ({ host, port }: RedisAddress): string =>
  `Redis at ${host.includes(':') ? `[${host}]` : host}:${port}`

const userOf = ({ username }: RedisAddress): string => username ?? 'default'

/** How Redis or the network begins its error → what is the matter and what to do. */
const sentences: Readonly<Record<string, (address: RedisAddress) => string>> = {
  ECONNREFUSED: () => `cannot be reached: start it, or correct host and port in the store's URL`,
  ENOTFOUND: () => `cannot be reached, its name is unknown: correct the host in the store's URL`,
  EAI_AGAIN: () => `cannot be reached, its name cannot be looked up now: look at the name service`,
  EHOSTUNREACH: () => `cannot be reached: look at the network, or correct the host in the store's URL`,
  ENETUNREACH: () => `cannot be reached: look at the network, or correct the host in the store's URL`,
  ETIMEDOUT: () => `cannot be reached: look at the network, or correct host and port in the store's URL`,
  ECONNRESET: () =>
    `closed the connection before it answered: look whether it runs, and whether it speaks TLS (rediss:) or not (redis:)`,
  WRONGPASS: (a) =>
    `refuses user "${userOf(a)}" with this password: correct user and password in the store's URL`,
  NOAUTH: () => `demands a password: name user and password in the store's URL`,
  NOPERM: (a) =>
    `does not let user "${userOf(a)}" do what a store must: allow it, ` +
    `ACL SETUSER ${userOf(a)} ~${a.keyPrefix}* +@all -@dangerous +info +config|get`,
  READONLY: () => `is a replica and writes nothing: name the primary in the store's URL`,
  MASTERDOWN: () => `is a replica that lost its primary: name the primary in the store's URL`,
  LOADING: () => `is still reading its data from disk: wait until it has`,
  BUSY: () => `is busy with a script of somebody else: wait, or end that with SCRIPT KILL`,
  OOM: () => `is full: raise maxmemory in its redis.conf`,
  MISCONF: () => `cannot write to its disk: make room there and look into its log`,
  MOVED: () =>
    `is a node of a cluster that does not hold this service's slot: name the node that does in the store's URL`,
  CLUSTERDOWN: () => `is a node of a cluster that is down: mend the cluster`,
  WRONGTYPE: () => `holds damaged data, somebody else wrote to its keys: restore them from a backup`,
  DAMAGED: () => `holds damaged data, a part of them is missing: restore them from a backup`,
  GONE: () =>
    `does not hold the data any more that this process worked with (emptied or replaced): ` +
    `restore them, or start this process anew to begin with what is there`,
  BEHIND: () =>
    `has lost the last things it had confirmed (it was restarted without its newest data): ` +
    `restore them, or start this process anew to go on with what is there`,
  DEPTH_ZERO_SELF_SIGNED_CERT: () =>
    `shows a certificate nobody vouches for: name its authority in NODE_EXTRA_CA_CERTS`,
  SELF_SIGNED_CERT_IN_CHAIN: () =>
    `shows a certificate nobody vouches for: name its authority in NODE_EXTRA_CA_CERTS`,
}

/** One sentence for an operator: which server, what is the matter, what to do. */
export function explain(error: unknown, address: RedisAddress): string {
  const { code, message } = error as { code?: string; message: string }
  const sentence = sentences[code ?? wordOf(message)]?.(address) ?? otherSentence(message, address)
  return `${placeOf(address)} ${sentence}`
}

/** What a user may not do is said in other words when a script does it. */
function wordOf(message: string): string {
  if (/executing the script can't/.test(message)) return 'NOPERM'
  return /^[A-Z]+/.exec(message)?.[0] ?? ''
}

function otherSentence(message: string, { db }: RedisAddress): string {
  if (/DB index|SELECT is not allowed/i.test(message))
    return `has no database ${db}: name another one in the store's URL, or raise "databases" in its redis.conf`
  if (/without any password|no password is set/i.test(message))
    return `knows no password: take it out of the store's URL, or set one there`
  if (/Unknown RESP type|Protocol error/i.test(message))
    return `does not speak the language of Redis: correct host and port in the store's URL`
  return `failed: ${message}`
}
