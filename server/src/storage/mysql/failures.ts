import { ImError } from '@nexo-im/protocol'
import type { Address } from './address.ts'

/** What mysql2 tells of a failure: a name, the server's number, and whether the connection is gone with it. */
interface Told {
  readonly code?: string
  readonly errno?: number
  readonly fatal?: boolean
  readonly message?: string
}

/** No answer within the time given. */
export class TimedOut extends Error {
  readonly code = 'ETIMEDOUT'
  readonly fatal = true
}

/** All connections are in use, and none became free within the time given. */
export class PoolBusy extends Error {}

const told = (error: unknown): Told => (error ?? {}) as Told

/** The server ends the session with these: shutdown, killed, idle for too long (MySQL 8). */
const lastWords = new Set([1053, 1927, 4031])

/** The connection is gone; whether the server did what it was asked is not known. */
export const isLost = (error: unknown): boolean =>
  told(error).fatal === true || lastWords.has(told(error).errno ?? 0)

/** A unique key refused a row: ER_DUP_ENTRY. */
export const isDuplicate = (error: unknown): boolean => told(error).errno === 1062

/** ER_NO_SUCH_TABLE. */
export const isNoTable = (error: unknown): boolean => told(error).errno === 1146

/** A value does not fit its column: too long, out of range, not text in the column's character set. */
const unfit = new Set([1264, 1265, 1366, 1406])

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
])

/** By the server's number: what is wrong and what to do about it. */
const sentences: Readonly<Record<number, (a: Address) => string>> = {
  1021: (a) => `the disk of MySQL at ${a.place} is full: free space on it`,
  1040: (a) => `MySQL at ${a.place} has no connection free: raise its max_connections or lower pool_size`,
  1044: (a) =>
    `user "${a.user}" may not use database "${a.database}" at ${a.place}: create it and GRANT ALL ON "${a.database}".* to this user`,
  1045: (a) => `MySQL at ${a.place} refuses user "${a.user}": correct user and password in the URL`,
  1049: (a) => `MySQL at ${a.place} has no database "${a.database}": create it or correct the URL`,
  1114: (a) => `MySQL at ${a.place} has no room left for a table: free space on its disk`,
  1129: (a) => `MySQL at ${a.place} has blocked this host after failed connects: run FLUSH HOSTS on it`,
  1130: (a) => `MySQL at ${a.place} takes no connections from this host: GRANT them to user "${a.user}"`,
  1142: readOnly,
  1143: readOnly,
  1203: (a) => `user "${a.user}" has no connection left at ${a.place}: raise its limit or lower pool_size`,
  1205: (a) =>
    `another node holds the log at ${a.place} for longer than ${a.timeout} ms: look for a node that stalls`,
  1213: (a) => `another program writes to the tables of "${a.database}" at ${a.place}: only Nexo IM may`,
  1226: (a) => `user "${a.user}" has no connection left at ${a.place}: raise its limit or lower pool_size`,
  1227: readOnly,
  1290: readOnly,
  1370: readOnly,
  1698: (a) => `MySQL at ${a.place} refuses user "${a.user}": give this user a password it may sign in with`,
  1792: readOnly,
  1836: readOnly,
}

function readOnly({ user, database, place }: Address): string {
  return `user "${user}" may not write to database "${database}" at ${place}: make the server writable, and GRANT ALL ON "${database}".* to this user`
}

/** What is wrong with the server or the way to it, with the fix; undefined where it is neither. */
function sentenceOf(error: unknown, address: Address): string | undefined {
  const { code = '', errno, message = '' } = told(error)
  const sentence = sentences[errno ?? 0]
  if (sentence) return sentence(address)
  if (/errno: 28|error 28/i.test(message))
    return `the disk of MySQL at ${address.place} is full: free space on it`
  if (error instanceof PoolBusy)
    return `all ${address.poolSize} connections to MySQL at ${address.place} were busy for ${address.timeout} ms: raise pool_size`
  if (error instanceof TimedOut)
    return `MySQL at ${address.place} did not answer within ${address.timeout} ms: is it overloaded or hung?`
  if (unreachable.has(code))
    return `MySQL at ${address.place} cannot be reached (${code}): is it running, and are host and port right?`
  if (/SSL|TLS|CERT/.test(code))
    return `no TLS with MySQL at ${address.place} (${code}): check its certificate, or set ssl=encrypt or ssl=false in the URL`
  if (isLost(error))
    return `MySQL at ${address.place} closed the connection (${code || message}): is it going down?`
  return undefined
}

/** A failure while opening: the sentence, for whoever starts the program. */
export function explained(error: unknown, address: Address): Error {
  const sentence = sentenceOf(error, address)
  return sentence === undefined ? (error as Error) : new Error(sentence, { cause: error })
}

/** A failure while running: callers hear that the store is not there, or that it cannot keep this; the log hears why. */
export function unavailable(error: unknown, address: Address): unknown {
  if (unfit.has(told(error).errno ?? 0))
    return new ImError('invalid_parameter', { detail: 'longer than the store keeps', cause: error })
  const sentence = sentenceOf(error, address)
  if (sentence === undefined) return error
  return new ImError('unavailable', {
    detail: 'the database does not answer',
    retryAfter: 1,
    cause: new Error(sentence, { cause: error }),
  })
}
