import { ImError } from '@nexo-im/protocol'
import type { Change } from './ports.ts'
import type { World } from './world.ts'
import type { Offer } from './writer.ts'

/**
 * The store refused a change because a record it rests on moved meanwhile. Never shown: dispatch looks at the records
 * again and repeats the operation.
 */
export class Conflict extends Error {
  override name = 'Conflict'
}

/** Offers a change and resolves when it is durable. Throws Conflict when a condition of it does not hold any more. */
export async function keep(world: World, offer: Offer): Promise<Change> {
  const verdict = await world.writer.offer(offer)
  if ('refusal' in verdict) throw new Conflict(verdict.refusal.why)
  return verdict.change
}

/** Attempts against records that change meanwhile; only many nodes on one object get anywhere near it. */
const tries = 8

/** Repeats work while records move under it, as dispatch does with handlers. Throws `unavailable` at last. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let i = 0; i < tries; i++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
    }
  }
  throw new ImError('unavailable', { detail: 'it changes too fast', retryAfter: 1 })
}
