import type { Entry, ListPage, Store } from '../../core/ports.ts'
import type { Key, Kind } from '../../core/tables.ts'
import type { StoredRow } from '../judge.ts'
import type { Loader } from '../memo.ts'
import type { RedisAddress } from './address.ts'
import type { Connections } from './connections.ts'
import { twinName } from './effects.ts'
import { entryOf, type KeyNames, keyIndexOf, ordered, pointedAt, recordOf } from './encoding.ts'
import { placeOf } from './explanation.ts'
import { type Script, scripts } from './scripts.ts'

/** One service's data on one Redis. */
export interface Ground {
  readonly address: RedisAddress
  readonly keys: KeyNames
  /** Position of the newest change this process knows to stand. */
  readonly seen: number
  /** A script that meets these very data, as far as they were seen; everything else is thrown. */
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>
  /** Remembers a position that Redis has answered. */
  saw(position: number): number
}

export function createGround(
  connections: Connections,
  address: RedisAddress,
  keys: KeyNames,
  begun: { readonly id: string; readonly position: number },
): Ground {
  let seen = begun.position
  return {
    address,
    keys,
    get seen() {
      return seen
    },
    run: (script, others, args) =>
      connections.run(script, [keys.log, ...others], [begun.id, String(seen), ...args]),
    saw: (position) => {
      seen = Math.max(seen, position)
      return position
    },
  }
}

type Reads = 'get' | 'list' | 'read' | 'heads' | 'twins' | 'position' | 'scan' | 'conversations'

/** All reads of the port, each one round trip; and what a batch needs to be judged. */
export interface Reading extends Pick<Store, Reads> {
  readonly loader: Loader
  /** By pointer, those that are there. */
  entries(pointers: readonly string[]): Promise<ReadonlyMap<string, Entry>>
}

type Values = readonly (string | null)[]

export function createReading(ground: Ground): Reading {
  const { keys, run } = ground

  async function fields(key: string, names: readonly string[]): Promise<Values> {
    return names.length === 0 ? [] : ((await run(scripts.fields, [key], names)) as Values)
  }

  async function records(kind: Kind, asked: readonly Key[]): Promise<(StoredRow | undefined)[]> {
    const found = await fields(keys.records(kind), asked.map(ordered))
    return found.map((text) => (text === null ? undefined : recordOf(kind, text)))
  }

  async function list(kind: Kind, index: string, prefix: Key, page: ListPage): Promise<StoredRow[]> {
    const start = ordered(prefix)
    const beyond = page.after && page.after.length > 0 ? start + ordered(page.after) : ''
    const places = [keys.index(kind, index), keys.records(kind)]
    const found = (await run(scripts.list, places, [start, beyond, String(page.limit ?? -1)])) as Values
    return found.map((text) => recordOf(kind, there(ground, text, `a record of the kind ${kind}`)))
  }

  async function read(conversation: string, from: number, to: number, limit: number): Promise<Entry[]> {
    const places = [keys.heads, keys.messages + conversation]
    const bounds = [from, to, limit].map(String)
    const [first, found] = (await run(scripts.read, places, [conversation, ...bounds])) as [string, Values]
    return found.map((text, i) => {
      const seq = Number(first) + i
      return entryOf(conversation, seq, there(ground, text, `message ${seq} of ${conversation}`))
    })
  }

  async function followed(
    script: Script,
    others: readonly string[],
    names: readonly string[],
  ): Promise<Entries> {
    if (names.length === 0) return []
    const flat = (await run(script, [keys.messages, ...others], names)) as Values
    return names.map((_, i) => {
      const pointer = flat[2 * i] ?? null
      if (pointer === null) return undefined
      const [conversation, seq] = pointedAt(pointer)
      return entryOf(conversation, seq, there(ground, flat[2 * i + 1] ?? null, `message ${pointer}`))
    })
  }

  const twins = (names: readonly (readonly [string, string])[]): Promise<Entries> =>
    followed(
      scripts.twins,
      [keys.twins],
      names.map(([sender, id]) => twinName(sender, id)),
    )

  return {
    get: records as never,
    list: (kind, index, prefix, page = {}) => list(kind, index, prefix, page) as never,
    scan: (kind, page) => list(kind, keyIndexOf(kind), [], page) as never,
    conversations: async ({ after = '', limit }) =>
      (await run(scripts.conversations, [keys.conversations], [after, String(limit)])) as string[],
    read,
    heads: (conversations) => followed(scripts.last, [keys.heads], conversations),
    twins,
    position: async () => ground.saw(Number(await run(scripts.position, [], []))),
    entries: async (pointers) => {
      if (pointers.length === 0) return new Map()
      const flat = (await run(scripts.entries, [keys.messages], pointers)) as Values
      const found = pointers.map((pointer, i) => [pointer, flat[2 * i + 1] ?? null] as const)
      return new Map(
        found.flatMap(([pointer, text]) =>
          text === null ? [] : [[pointer, entryOf(...pointedAt(pointer), text)] as const],
        ),
      )
    },
    loader: {
      records,
      heads: async (conversations) => (await fields(keys.heads, conversations)).map(Number),
      twins,
    },
  }
}

type Entries = (Entry | undefined)[]

/** What an index or a head names must be there. */
function there({ address }: Ground, text: string | null, what: string): string {
  if (text === null)
    throw new Error(`${placeOf(address)} holds damaged data, ${what} is missing: restore them from a backup`)
  return text
}
