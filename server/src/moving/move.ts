import type { Store } from '../core/ports.ts'
import { type Comparison, compareStores } from './comparison.ts'
import { fill } from './filling.ts'
import { isOwn, kinds, ownBlocks, visit, walkConversations } from './pairs.ts'
import { newTally, type Tally } from './tally.ts'

export interface MoveOptions {
  /** Goes on with a move into the target that was interrupted. */
  readonly resume?: boolean
  /** Reads both in full afterwards; true unless said otherwise. */
  readonly compare?: boolean
  /** Ends it between two pages, with its reason; what was written stays, for `resume`. */
  readonly signal?: AbortSignal | undefined
  readonly tally?: Tally
}

export interface Verdict {
  /** Whether the target holds what the source does, as far as that was looked at. */
  readonly isEqual: boolean
  /** Position of the source before and after; others have written to it where they differ. */
  readonly positions: readonly [before: number, after: number]
  /** Absent when it was not asked for. */
  readonly comparison?: Comparison
}

/**
 * Copies everything from one store into an empty one, through what every store can do, and compares them afterwards. A
 * record in the target says that it is being filled, so that nobody takes half of it for the whole; it goes when both
 * are equal. Memory is bounded whatever the size. Throws with a sentence when it cannot begin or go on.
 */
export async function move(from: Store, to: Store, options: MoveOptions = {}): Promise<Verdict> {
  const { signal, tally = newTally() } = options
  await judgeSource(from)
  const condition = judgeTarget(await conditionOf(to), options.resume ?? false)
  const before = await from.position()
  tally.messagesInAll = await countMessages(from, signal)
  if (condition !== 'full') {
    begin(tally, 'copying')
    await copy(from, to, tally, signal)
    await to.advance(before)
  }
  begin(tally, 'comparing')
  const isLooked = options.compare !== false || condition === 'full'
  const comparison = isLooked ? await compareStores(from, to, tally, signal) : undefined
  if (condition === 'full' && comparison?.differencesInAll !== 0) throw new Error(strangers)
  const after = await from.position()
  const isEqual = after === before && (comparison?.differencesInAll ?? 0) === 0
  if (isEqual && condition !== 'full')
    await to.commit(() => [{ remove: [{ kind: 'block', key: [ownBlocks.filling] }] }])
  return { isEqual, positions: [before, after], ...(comparison && { comparison }) }
}

async function copy(from: Store, to: Store, tally: Tally, signal?: AbortSignal): Promise<void> {
  await to.commit(() => [{ put: [{ kind: 'block', row: { name: ownBlocks.filling, next: 1 } }] }])
  const filling = fill(to, tally)
  await visit(from, to, filling, signal)
  await filling.finish()
}

function begin(tally: Tally, phase: Tally['phase']): void {
  Object.assign(tally, { phase, place: '', records: 0, messages: 0 })
}

/** What a store is before something is moved into it. */
export type Condition = 'empty' | 'unfinished' | 'full'

/** Throws when a store was being filled and is not whole: nobody may take it for all there is. */
export async function refuseUnfinished(store: Store): Promise<void> {
  if (await isUnfinished(store))
    throw new Error(
      'a move or restore into this store did not come to its end: run that command again with --resume',
    )
}

async function isUnfinished(store: Store): Promise<boolean> {
  const [mark] = await store.get('block', [[ownBlocks.filling]])
  return mark !== undefined
}

export async function conditionOf(store: Store): Promise<Condition> {
  if (await isUnfinished(store)) return 'unfinished'
  for (const kind of kinds) {
    const rows = await store.scan(kind, { limit: 2 })
    if (rows.some((row) => !isOwn(kind, row))) return 'full'
  }
  return (await store.conversations({ limit: 1 })).length === 0 ? 'empty' : 'full'
}

async function judgeSource(from: Store): Promise<void> {
  const [mark] = await from.get('block', [[ownBlocks.filling]])
  if (mark) throw new Error('the source is itself the target of a move that did not come to its end')
}

const strangers =
  'the target holds other data, and no move into it was interrupted: nothing is changed; name an empty one'

/** Throws where it may not be filled. A full one may be compared: the last word of a move can be lost. */
function judgeTarget(condition: Condition, resume: boolean): Condition {
  if (condition === 'full' && !resume)
    throw new Error('the target holds data already: name an empty one, or empty it first')
  if (condition === 'unfinished' && !resume)
    throw new Error('a move into the target was interrupted: go on with --resume, or empty it first')
  return condition
}

/** Seqs have no gaps, so the last one of each conversation says how many there are. */
async function countMessages(store: Store, signal?: AbortSignal): Promise<number> {
  const ids = walkConversations(store, signal)
  let count = 0
  let page: string[] = []
  const add = async (): Promise<void> => {
    for (const head of await store.heads(page)) count += head?.seq ?? 0
    page = []
  }
  await ids.next()
  while (ids.head !== undefined) {
    page.push(ids.head)
    if (page.length === 500) await add()
    const step = ids.next()
    if (step) await step
  }
  await add()
  return count
}
