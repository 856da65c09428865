import { ImError } from '@nexo-im/protocol'
import type { Address } from './address.ts'

/** What the driver tells of a failure: a class, the server's number, and the servers it tried. */
interface Told {
  readonly name?: string
  readonly code?: number | string
  readonly message?: string
  readonly cause?: unknown
  readonly reason?: {
    readonly type?: string
    readonly servers?: ReadonlyMap<string, { readonly error?: unknown }>
  }
}

/** No answer within the time given. */
export class TimedOut extends Error {}

/** What is stored contradicts itself; more than a restart is needed. */
export class Damaged extends Error {}

const told = (error: unknown): Told => (error ?? {}) as Told

/** By the server's number: what is wrong and what to do about it. */
const sentences: Readonly<Record<number, (a: Address) => string>> = {
  13: (a) =>
    `${account(a)} may not write to database "${a.database}" at ${a.place}: grant the role readWrite on it`,
  18: (a) => `MongoDB at ${a.place} refuses ${account(a)}: correct user, password and authSource in the URL`,
  8000: (a) => `MongoDB at ${a.place} refuses ${account(a)}: correct user and password in the URL`,
  14031: full,
}

const account = ({ user }: Address): string =>
  user === undefined ? 'a client without user and password' : `user "${user}"`

function full({ place }: Address): string {
  return `the disk of MongoDB at ${place} is full: free space on it`
}

/** By class and words, where there is no number; the first that fits counts. */
const clues: readonly (readonly [RegExp, (a: Address, text: string) => string])[] = [
  [
    /wire version/i,
    (a) => `MongoDB at ${a.place} is too old for this program: upgrade it to MongoDB 4.4 or later`,
  ],
  [
    /MongoParseError|MongoInvalidArgumentError|Unable to parse/,
    (a) => `the MongoDB URL with ${a.place} cannot be used: correct its hosts, ports and options`,
  ],
  [
    /journal/i,
    (a) =>
      `MongoDB at ${a.place} keeps no journal, so nothing it answers survives a crash: start it with one`,
  ],
  [/no space left|disk is full|out of disk/i, full],
  [/Authentication failed|mechanism/i, (a) => sentences[18]?.(a) ?? ''],
  [
    /certificate|\bTLS\b|\bSSL\b/i,
    (a, text) => `no TLS with MongoDB at ${a.place} (${text}): check its certificate, or tls= in the URL`,
  ],
  [
    /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ECONNRESET|EPIPE/,
    (a, text) =>
      `MongoDB at ${a.place} cannot be reached (${text}): is it running, and are host and port right?`,
  ],
  [
    /not (primary|master)|NotWritablePrimary|PrimarySteppedDown|ReplicaSetNoPrimary|InterruptedDueToRepl|shutdown/i,
    (a) =>
      `MongoDB at ${a.place} has no member that takes writes just now: is a majority of the set running, and does replicaSet= name it?`,
  ],
  [
    /TimedOut|timed out|timeout|exceeded time|waiting for replication/i,
    (a) => `MongoDB at ${a.place} did not answer within ${a.timeout} ms: is it overloaded or hung?`,
  ],
]

/** What is wrong with the server or the way to it, with the fix. */
export function sentenceOf(error: unknown, address: Address): string {
  const { code, message = '' } = told(error)
  const sentence = typeof code === 'number' ? sentences[code] : undefined
  if (sentence) return sentence(address)
  const text = wordsOf(error)
  for (const [pattern, say] of clues) if (pattern.test(text)) return say(address, message)
  return `MongoDB at ${address.place} failed: ${message}`
}

/** Everything an error says of itself, of what brought it about, and of each server it tried. */
function wordsOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return ''
  const { name, code, message, cause, reason } = told(error)
  const servers = [...(reason?.servers?.values() ?? [])].map((s) => wordsOf(s.error, depth + 1))
  return [
    error.constructor.name,
    name,
    code,
    message,
    reason?.type,
    wordsOf(cause, depth + 1),
    ...servers,
  ].join(' ')
}

/** A failure while opening: the sentence, for whoever starts the program. */
export function explained(error: unknown, address: Address): Error {
  if (error instanceof ImError && error.cause instanceof Error) return error.cause
  return isForeign(error) ? (error as Error) : new Error(sentenceOf(error, address), { cause: error })
}

/** A failure while running: callers hear that the store is not there, the log hears why. */
export function unavailable(error: unknown, address: Address): unknown {
  if (isForeign(error)) return error
  return new ImError('unavailable', {
    detail: 'the database does not answer',
    retryAfter: 1,
    cause: new Error(sentenceOf(error, address), { cause: error }),
  })
}

/** Neither of the driver, its server nor the socket between: a sentence already, or a mistake of ours. */
function isForeign(error: unknown): boolean {
  const { name = '', code } = told(error)
  const isOfSocket = typeof code === 'string' && /^E[A-Z]+$/.test(code)
  return !(error instanceof TimedOut) && !name.startsWith('Mongo') && !isOfSocket
}
