import { asImError, type ErrorName, type OperationName, operationNames } from '@nexo-im/protocol'
import type { Recall } from './ports.ts'

/** How often a value fell where, as far as bounds tell. */
export interface Distribution {
  /** Upper bounds, inclusive, ascending; what is beyond the last has a place of its own. */
  readonly bounds: readonly number[]
  /** One more than there are bounds; not cumulative. */
  readonly counts: Float64Array
  sum: number
}

export interface OperationTally {
  done: number
  readonly failed: Map<ErrorName, number>
  /** Milliseconds, whether done or failed. */
  readonly times: Distribution
}

/**
 * What this node has done since it started, as numbers that only rise: whoever shows them reads them. They are counted on
 * the path of every message, so there is a place for each beforehand and counting makes no object and no text.
 */
export interface Tally {
  /** Milliseconds from some moment on, with fractions: what lasts is measured with it. */
  now(): number
  readonly operations: ReadonlyMap<OperationName, OperationTally>
  /** Errors that were answered, also before an operation was asked for: no token, no such frame, a node that goes. */
  readonly errors: { readonly http: Map<ErrorName, number>; readonly socket: Map<ErrorName, number> }
  readonly commits: {
    /** Changes in each batch that stands. */
    readonly sizes: Distribution
    /** Milliseconds that the store took for each of them. */
    readonly times: Distribution
    /** Batches with a change that could not stand: nothing of them was written, the others in them were offered again. */
    contested: number
    /** Changes that could not stand, by the store's reason. */
    readonly refusals: { seq: number; twin: number; expect: number }
    /** Batches that could not be written. */
    failed: number
    /** Messages in the batches that stand. */
    messages: number
  }
  readonly pushes: {
    /** Handed to a socket. */
    messages: number
    events: number
    /** Not handed to a socket that is too slow or on a node that has too much to push; a resync tells of them. */
    leftOut: number
    resyncs: number
  }
  readonly sockets: {
    opened: number
    closed: number
    /** Of the closed ones: those that took nothing for too long. */
    stalled: number
  }
  /** Last entries of conversations, and rights to write, that are remembered. */
  readonly heads: Recall
  readonly standings: Recall
  /** What nodes say to each other. */
  readonly bus: {
    said: number
    /** Not said: the bus was away. */
    unsaid: number
    heard: number
    /** Times that something went missing, so that everything remembered was looked up anew. */
    gaps: number
  }
}

const timeBounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]
const sizeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

export function distribution(bounds: readonly number[]): Distribution {
  return { bounds, counts: new Float64Array(bounds.length + 1), sum: 0 }
}

export function createTally(now: () => number): Tally {
  const operation = (): OperationTally => ({ done: 0, failed: new Map(), times: distribution(timeBounds) })
  return {
    now,
    operations: new Map(operationNames.map((name) => [name, operation()])),
    errors: { http: new Map(), socket: new Map() },
    commits: {
      sizes: distribution(sizeBounds),
      times: distribution(timeBounds),
      contested: 0,
      refusals: { seq: 0, twin: 0, expect: 0 },
      failed: 0,
      messages: 0,
    },
    pushes: { messages: 0, events: 0, leftOut: 0, resyncs: 0 },
    sockets: { opened: 0, closed: 0, stalled: 0 },
    heads: { hits: 0, misses: 0 },
    standings: { hits: 0, misses: 0 },
    bus: { said: 0, unsaid: 0, heard: 0, gaps: 0 },
  }
}

export function note(into: Distribution, value: number): void {
  const { bounds, counts } = into
  let i = 0
  // At most a dozen steps, and most values end at the first few.
  while (i < bounds.length && value > (bounds[i] ?? 0)) i += 1
  counts[i] = (counts[i] ?? 0) + 1
  into.sum += value
}

export function addOne<K>(to: Map<K, number>, name: K): void {
  to.set(name, (to.get(name) ?? 0) + 1)
}

/** An operation ended. @param ms since it was asked for @param error what it failed with, if it did */
export function noteOperation(tally: Tally, name: OperationName, ms: number, error?: unknown): void {
  const operation = tally.operations.get(name)
  if (!operation) return
  if (error === undefined) operation.done += 1
  else addOne(operation.failed, asImError(error).kind)
  note(operation.times, ms)
}
