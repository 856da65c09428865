import type { Filter } from 'mongodb'
import type { Entry, ListPage, Store } from '../../core/ports.ts'
import { type Key, type Kind, type Table, tables } from '../../core/tables.ts'
import type { StoredRow } from '../judge.ts'
import type { Loader } from '../memo.ts'
import type { Applied } from './applied.ts'
import {
  behindAll,
  collectionOf,
  documentName,
  lasts,
  messageName,
  messages,
  nameFilter,
  toEntry,
  toRow,
} from './documents.ts'
import type { FindOptions, Named, Server } from './server.ts'

export type Reads = Pick<Store, 'get' | 'list' | 'read' | 'heads' | 'twins' | 'scan' | 'conversations'>

/** Names in one question; more are asked in several. */
const namesAtOnce = 1000
/** What a find takes at most; the port's "no limit" is larger. */
const mostRows = 2 ** 31 - 1

/** The reads of the port, and what the judgement of a batch asks. */
export function createReads(
  server: Server,
  log: Pick<Applied, 'whole'>,
): { readonly reads: Reads; readonly loader: Loader } {
  const find = createFinder(server)
  return { reads: portReads(server, wholeFinder(find, log), log), loader: createLoader(find) }
}

function portReads(server: Server, find: Finder, log: Pick<Applied, 'whole'>): Reads {
  return {
    get: async (kind, keys) => (await rowsOf(find, kind, keys)) as never,
    list: async (kind, index, prefix, page = {}) => {
      if (page.limit !== undefined && page.limit <= 0) return []
      const { filter, options } = listQuery(kind, index, prefix, page)
      const ask = (): Promise<Named[]> => server.find(collectionOf(kind), filter, options)
      const found = await log.whole(ask, (documents) => documents)
      return found.flatMap((d) => toRow(kind, d) ?? []) as never
    },
    read: async (conversation, from, to, limit) => {
      if (limit <= 0 || from > to) return []
      const { filter, options } = readQuery(conversation, from, to, limit)
      return (await server.find(messages, filter, options)).map(toEntry)
    },
    heads: (conversations) => headsOf(server, find, conversations),
    twins: (keys) => twinsOf(find, keys),
    scan: async (kind, page) => {
      if (page.limit !== undefined && page.limit <= 0) return []
      const { filter, options } = scanQuery(kind, page)
      const found = await server.find(collectionOf(kind), filter, options)
      return found.flatMap((d) => toRow(kind, d) ?? []) as never
    },
    conversations: async ({ after, limit }) => {
      if (limit <= 0) return []
      const filter = after === undefined ? {} : { _id: { $gt: documentName([after]) } }
      const found = await server.find(lasts, filter, { sort: { _id: 1 }, limit: Math.min(limit, mostRows) })
      return found.map((d) => d['conversation_id'] as string)
    },
  }
}

function createLoader(find: Finder): Loader {
  return {
    records: (kind, keys) => rowsOf(find, kind, keys),
    heads: async (conversations) => {
      const names = conversations.map((c) => documentName([c]))
      const found = await find(lasts, names)
      return names.map((name) => (found.get(name)?.['seq'] as number | undefined) ?? 0)
    },
    twins: (keys) => twinsOf(find, keys),
  }
}

async function rowsOf(find: Finder, kind: Kind, keys: readonly Key[]): Promise<(StoredRow | undefined)[]> {
  const names = keys.map(documentName)
  const found = await find(collectionOf(kind), names)
  return names.map((name) => toRow(kind, found.get(name)))
}

async function twinsOf(
  find: Finder,
  keys: readonly (readonly [string, string])[],
): Promise<(Entry | undefined)[]> {
  const names = keys.map(([sender, id]) => messageName(sender, id))
  const found = await find(messages, names)
  return names.map((name) => {
    const document = found.get(name)
    return document && toEntry(document)
  })
}

async function headsOf(
  server: Server,
  find: Finder,
  conversations: readonly string[],
): Promise<(Entry | undefined)[]> {
  const asked = conversations.map((c) => documentName([c]))
  const last = await find(lasts, asked)
  const names = asked.map((name) => last.get(name)?.['message'] as string | undefined)
  const found = await find(
    messages,
    names.filter((n) => n !== undefined),
  )
  const heads: (Entry | undefined)[] = []
  for (const [i, name] of names.entries()) {
    const document = name === undefined ? undefined : found.get(name)
    // A commit is being applied this moment, and the message comes a little after the note of it.
    if (document === undefined && name !== undefined) heads.push(await lastOf(server, conversations[i] ?? ''))
    else heads.push(document && toEntry(document))
  }
  return heads
}

async function lastOf(server: Server, conversation: string): Promise<Entry | undefined> {
  const { filter, options } = lastQuery(conversation)
  const [document] = await server.find(messages, filter, options)
  return document && toEntry(document)
}

/** Documents of a collection by name. */
type Finder = (collection: string, names: readonly string[]) => Promise<ReadonlyMap<string, Named>>

interface Gathered {
  readonly names: Set<string>
  readonly found: Promise<ReadonlyMap<string, Named>>
}

/**
 * What is asked for by name in one turn of the loop is asked together: a request costs this process and the server more
 * than what it brings, and under load many callers ask at once.
 */
function createFinder(server: Server): Finder {
  const gathering = new Map<string, Gathered>()

  async function ask(collection: string, names: ReadonlySet<string>): Promise<ReadonlyMap<string, Named>> {
    await new Promise((resolve) => setImmediate(resolve))
    gathering.delete(collection)
    const all = [...names]
    const found = new Map<string, Named>()
    for (let at = 0; at < all.length; at += namesAtOnce) {
      const filter = nameFilter(all.slice(at, at + namesAtOnce))
      for (const d of await server.find(collection, filter)) found.set(d._id, d)
    }
    return found
  }

  return (collection, names) => {
    if (names.length === 0) return Promise.resolve(new Map())
    let gathered = gathering.get(collection)
    if (!gathered) {
      const wanted = new Set<string>()
      gathered = { names: wanted, found: ask(collection, wanted) }
      gathering.set(collection, gathered)
    }
    for (const name of names) gathered.names.add(name)
    return gathered.found
  }
}

/** Several documents as they stand together; a single one is whole as it is. */
function wholeFinder(find: Finder, log: Pick<Applied, 'whole'>): Finder {
  return (collection, names) =>
    names.length < 2
      ? find(collection, names)
      : log.whole(
          () => find(collection, names),
          (found) => names.map((n) => found.get(n)),
        )
}

export interface Query {
  readonly filter: Filter<Named>
  readonly options: FindOptions
}

export function readQuery(conversation: string, from: number, to: number, limit: number): Query {
  return {
    filter: { conversation_id: conversation, seq: { $gte: from, $lte: to } },
    options: { sort: { seq: 1 }, limit: Math.min(limit, mostRows) },
  }
}

export function lastQuery(conversation: string): Query {
  return { filter: { conversation_id: conversation }, options: { sort: { seq: -1 }, limit: 1 } }
}

/** Along `_id`, which sorts as the key; what is gone lies there still. */
export function scanQuery(kind: Kind, { after, limit }: ListPage): Query {
  const isWhole = after?.length === tables[kind].key.length
  const beyond = after && (isWhole ? { $gt: documentName(after) } : { $gte: behindAll(after) })
  return {
    filter: { gone: null, ...(beyond && { _id: beyond }) },
    options: { sort: { _id: 1 }, ...(limit !== undefined && { limit: Math.min(limit, mostRows) }) },
  }
}

/** A walk along an index; each alternative of what lies behind a place is a range of it, and they are merged in its order. */
export function listQuery(kind: Kind, index: string, prefix: Key, page: ListPage): Query {
  const fields = (tables[kind] as Table).indexes[index] ?? []
  const matched: Filter<Named> = Object.fromEntries(prefix.map((value, i) => [fields[i] ?? '', value]))
  // Without a prefix the walk would begin at what is gone, which has none of the fields.
  if (prefix.length === 0) matched['gone'] = null
  const { after = [], limit } = page
  const beyond = after.map((value, i) => {
    const equal = after.slice(0, i).map((v, k) => [fields[prefix.length + k] ?? '', v])
    return { ...matched, ...Object.fromEntries(equal), [fields[prefix.length + i] ?? '']: { $gt: value } }
  })
  const filter = beyond.length > 1 ? { $or: beyond } : (beyond[0] ?? matched)
  return {
    filter: filter as Filter<Named>,
    options: {
      sort: Object.fromEntries(fields.map((f) => [f, 1])),
      ...(limit !== undefined && { limit: Math.min(limit, mostRows) }),
    },
  }
}
