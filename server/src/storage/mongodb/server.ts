import { type Db, type Document, type Filter, MongoClient, MongoServerError } from 'mongodb'
import type { Pool } from '../../core/ports.ts'
import type { Address } from './address.ts'
import { explained, TimedOut, unavailable } from './failures.ts'

/** All documents here have names made from what they hold. */
export interface Named extends Document {
  readonly _id: string
}

/** A server that can be asked; every request ends within its timeout, with an answer or with `unavailable`. */
export interface Server {
  /** Commits survive a power cut: the server syncs its journal before it answers. */
  readonly isDurable: boolean
  readonly timeout: number
  /**
   * Documents of a collection, without order. Read from the primary as they are there now: what a failover may take back
   * was only ever put there by a slot that it cannot (see `log.ts`).
   */
  find(collection: string, filter: Filter<Named>, options?: FindOptions): Promise<Named[]>
  /** One document as it stands for good: what is seen here no failover takes back. */
  settled(collection: string, name: string): Promise<Named | undefined>
  /**
   * Writes in the order given, in as few commands as the server takes; a document that a unique key refuses is passed over.
   * @returns indexes of the refused
   */
  write(write: Write): Promise<number[]>
  remove(collection: string, filter: Filter<Named>): Promise<void>
  pool(): Pool
  close(): Promise<void>
}

export interface FindOptions {
  readonly sort?: Readonly<Record<string, 1 | -1>>
  readonly limit?: number
  readonly fields?: readonly string[]
}

export interface Write {
  readonly collection: string
  readonly inserts?: readonly Named[]
  readonly updates?: readonly Update[]
  /** Answered only when a majority has it in its journal; else in the order of writes, and lost only with what follows. */
  readonly durable: boolean
  /** Whatever the server refuses is passed over: for what can be done without. */
  readonly isSpare?: boolean
}

export interface Update {
  readonly q: Document
  /** A whole document, or `$` operators. */
  readonly u: Document
  readonly upsert?: boolean
}

/** Bytes of one command that stay clear of the 16 MB a document may have. */
const commandSize = 12_000_000

export interface Opened {
  readonly server: Server
  readonly db: Db
}

/** Throws an Error that says what is wrong with the address or the server, and what helps. */
export async function openServer(address: Address): Promise<Opened> {
  let client: MongoClient | undefined
  try {
    client = new MongoClient(address.url, {
      appName: 'nexo-im',
      maxPoolSize: address.poolSize,
      serverSelectionTimeoutMS: address.timeout,
      connectTimeoutMS: address.timeout,
      socketTimeoutMS: address.timeout,
      waitQueueTimeoutMS: address.timeout,
      // A write is repeated by whoever finds it undone; the driver's own way needs a replica set.
      retryWrites: false,
      readPreference: 'primary',
    })
    const count = countConnections(client, address.poolSize)
    const db = client.db(address.database)
    await within(address.timeout, client.connect())
    const hello = await within(address.timeout, db.command({ hello: 1 }))
    const build = await within(address.timeout, db.command({ buildInfo: 1 }))
    return { server: createServer({ address, client, db, kind: kindOf(hello, build) }, count), db }
  } catch (error) {
    await client?.close().catch(() => undefined)
    throw explained(error, address)
  }
}

/** What a server can do, as far as we have to know. */
interface Kind {
  readonly isReplicated: boolean
  /** Collections may lie on several servers, whose writes have no common order. */
  readonly isSharded: boolean
  /** FerretDB 1.x on SQLite: takes our writes without a word on durability, and works in slices of a hundred. */
  readonly isFerret: boolean
}

export function kindOf(hello: Document, build: Document): Kind {
  const isSharded = hello['msg'] === 'isdbgrid'
  return {
    isReplicated: isSharded || hello['setName'] !== undefined,
    isSharded,
    isFerret: build['ferretdbVersion'] !== undefined,
  }
}

/**
 * Documents in one command. FerretDB's ordered inserts are ordered within a hundred; and it holds a connection to SQLite for
 * each update of a command until the whole command ends, of a hundred that it has: one command too large and it hangs.
 */
function limitsOf(
  { isFerret }: Kind,
  batch: number | undefined,
): { readonly insert: number; readonly update: number } {
  const most = batch ?? (isFerret ? 100 : 1000)
  return { insert: most, update: isFerret ? Math.min(most, 16) : most }
}

interface Parts {
  readonly address: Address
  readonly client: MongoClient
  readonly db: Db
  readonly kind: Kind
}

function createServer({ address, client, db, kind }: Parts, pool: () => Pool): Server {
  const { timeout } = address
  const limits = limitsOf(kind, address.batch)
  const strong = { w: 'majority', j: true, wtimeout: timeout }
  const plain = kind.isSharded ? strong : { w: 1 }

  async function ask<T>(work: Promise<T>): Promise<T> {
    try {
      return await within(timeout, work)
    } catch (error) {
      throw unavailable(error, address)
    }
  }

  const find = (
    collection: string,
    filter: Filter<Named>,
    options: FindOptions = {},
    settled = false,
  ): Promise<Named[]> => {
    const { sort, limit: count, fields } = options
    const cursor = db.collection<Named>(collection).find(filter, {
      ...(sort && { sort }),
      // One answer instead of a first one of 101 documents and more on demand.
      ...(count === undefined ? { batchSize: 10_000 } : { limit: count, batchSize: Math.min(count, 10_000) }),
      ...(fields && { projection: Object.fromEntries(fields.map((f) => [f, 1])) }),
      ...(settled && kind.isReplicated && { readConcern: { level: 'majority' } }),
    })
    return ask(cursor.toArray())
  }

  return {
    isDurable: !kind.isFerret,
    timeout,
    find,
    settled: async (collection, name) => (await find(collection, { _id: name }, {}, true))[0],
    write: async ({ collection, inserts, updates, durable, isSpare = false }) => {
      const refused: number[] = []
      const [verb, list, documents] =
        inserts === undefined
          ? (['update', 'updates', updates ?? []] as const)
          : (['insert', 'documents', inserts as readonly Document[]] as const)
      for (let at = 0; at < documents.length; ) {
        const part = sliceOf(documents, at, limits[verb])
        const command = { [verb]: collection, [list]: part, ordered: true }
        const index = await ask(run(db, { ...command, writeConcern: durable ? strong : plain }, isSpare))
        // Ordered, so what stands behind the refused one was not tried.
        if (index !== undefined) refused.push(at + index)
        at += index === undefined ? part.length : index + 1
      }
      return refused
    },
    remove: async (collection, filter) => {
      await ask(db.collection<Named>(collection).deleteMany(filter))
    },
    pool,
    close: () => client.close(),
  }
}

/** As many from `at` on as fit into one command. */
function sliceOf(documents: readonly Document[], at: number, limit: number): readonly Document[] {
  let size = 0
  let end = at
  while (end < documents.length && end - at < limit) {
    size += sizeOf(documents[end])
    if (size > commandSize && end > at) break
    end += 1
  }
  return documents.slice(at, end)
}

/** An upper bound in bytes; measuring exactly would be to encode everything twice. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 16 + 3 * value.length
  if (value instanceof Uint8Array) return 32 + value.length
  if (typeof value !== 'object' || value === null) return 16
  let size = 16
  for (const [name, inner] of Object.entries(value)) size += name.length + sizeOf(inner)
  return size
}

interface WriteReply {
  readonly writeErrors?: readonly { readonly index: number; readonly code: number; readonly errmsg: string }[]
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string }
}

/** The bare command: the driver's own bulk writes take several times the time of ours. @returns index of what was refused */
async function run(db: Db, command: Document, isSpare: boolean): Promise<number | undefined> {
  let reply: WriteReply
  try {
    reply = await db.command(command)
  } catch (error) {
    if (isSpare && error instanceof MongoServerError) return undefined
    throw error
  }
  const [failed] = reply.writeErrors ?? []
  if (failed && failed.code !== 11_000 && !isSpare)
    throw new MongoServerError({ ...failed, message: failed.errmsg })
  // Written, but perhaps not for good: not an answer that anything may be built on.
  const unsure = reply.writeConcernError
  if (unsure) throw new MongoServerError({ code: unsure.code, message: unsure.errmsg })
  return failed?.index
}

/** The driver has limits for each step of a request; together they may last longer than what we promise. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut(`no answer within ${ms} ms`)), ms)
  })
  // Nobody waits for what comes after all.
  work.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function countConnections(client: MongoClient, limit: number): () => Pool {
  let open = 0
  let busy = 0
  let waiting = 0
  client.on('connectionCreated', () => void open++)
  client.on('connectionClosed', () => void open--)
  client.on('connectionCheckOutStarted', () => void waiting++)
  client.on('connectionCheckOutFailed', () => void waiting--)
  client.on('connectionCheckedOut', () => {
    waiting--
    busy++
  })
  client.on('connectionCheckedIn', () => void busy--)
  return () => ({ limit, open, busy, waiting })
}
