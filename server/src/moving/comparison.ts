import { createHash, type Hash } from 'node:crypto'
import type { Entry, Store } from '../core/ports.ts'
import { type Kind, keyOf } from '../core/tables.ts'
import { type AnyRow, entryText, kinds, rowText, visit } from './pairs.ts'
import type { Tally } from './tally.ts'

/** One place at which two stores are not the same. */
export interface Difference {
  /** `view ["sg_7","ann"]`, or `sg_7, message 4`. */
  readonly place: string
  readonly problem: string
}

export interface Part {
  /** A kind of records, or `message`. */
  readonly name: string
  /** In the source. */
  readonly count: number
  /** SHA-256 over all of them in order, in the source; hexadecimal. */
  readonly digest: string
}

export interface Comparison {
  readonly parts: readonly Part[]
  readonly conversations: number
  /** SHA-256 over the digests of the parts: the same for the same data, whatever store holds it. */
  readonly digest: string
  /** The first ones. */
  readonly differences: readonly Difference[]
  readonly differencesInAll: number
}

const shownDifferences = 20

interface Side {
  count: number
  readonly hash: Hash
}

/** Reads both stores in full. What is a store's own – versions, the position of its log – is left out. */
export async function compareStores(
  from: Store,
  to: Store,
  tally: Tally,
  signal?: AbortSignal,
): Promise<Comparison> {
  const differences: Difference[] = []
  let differencesInAll = 0
  const sides = new Map<string, { from: Side; to: Side }>()
  for (const name of [...kinds, 'message']) sides.set(name, { from: newSide(), to: newSide() })
  let conversations = 0
  let conversation: string | undefined

  function differ(place: string, problem: string): void {
    differencesInAll += 1
    if (differences.length < shownDifferences) differences.push({ place, problem })
  }

  /** Takes both sides into their digests. @returns whether they are the same */
  function take(name: string, a: string | undefined, b: string | undefined): boolean {
    const pair = sides.get(name)
    if (a !== undefined && pair) add(pair.from, a)
    if (b !== undefined && pair) add(pair.to, b)
    return a === b
  }

  await visit(
    from,
    to,
    {
      record: (kind, a, b) => {
        tally.place = kind
        tally.records += 1
        const same = take(kind, a && rowText(kind, a), b && rowText(kind, b))
        if (!same) differ(placeOf(kind, (a ?? b) as AnyRow), problemOf(a, b))
        return undefined
      },
      entry: (a, b) => {
        tally.place = 'messages'
        tally.messages += 1
        const one = (a ?? b) as Entry
        if (one.conversation_id !== conversation) conversations += 1
        conversation = one.conversation_id
        const same = take('message', a && entryText(a), b && entryText(b))
        if (!same) differ(`${one.conversation_id}, message ${one.seq}`, problemOf(a, b))
        return undefined
      },
    },
    signal,
  )
  const parts: Part[] = []
  for (const [name, pair] of sides) {
    const digest = pair.from.hash.digest('hex')
    // Whatever the eyes above may have missed: the digests decide.
    const isSame = digest === pair.to.hash.digest('hex') && pair.from.count === pair.to.count
    if (!isSame) differ(name, `${pair.from.count} in the source, ${pair.to.count} in the target`)
    parts.push({ name, count: pair.from.count, digest })
  }
  const digest = createHash('sha256')
    .update(parts.map((part) => `${part.name} ${part.count} ${part.digest}\n`).join(''))
    .digest('hex')
  return { parts, conversations, digest, differences, differencesInAll }
}

const newSide = (): Side => ({ count: 0, hash: createHash('sha256') })

function add(side: Side, text: string): void {
  side.count += 1
  side.hash.update(text).update('\n')
}

function problemOf(a: object | undefined, b: object | undefined): string {
  if (!b) return 'is missing in the target'
  if (!a) return 'is not in the source'
  const [x, y] = [a, b] as [Record<string, unknown>, Record<string, unknown>]
  const fields = Object.keys(x).filter((field) => field !== 'version' && x[field] !== y[field])
  return `differs in ${fields.join(', ')}`
}

function placeOf(kind: Kind, row: AnyRow): string {
  // The key of an invitation link is what lets people in: it is not shown.
  const key = kind === 'invite_link' ? [`${String(row['token']).slice(0, 4)}…`] : keyOf(kind, row)
  return `${kind} ${JSON.stringify(key)}`
}
