import { setTimeout as sleep } from 'node:timers/promises'
import { ImError } from '@nexo-im/protocol'
import type { Named, Server } from './server.ts'
import { appliedStand, type Stand } from './slots.ts'

/**
 * What this node knows of how far the log is applied. It makes reads whole: a commit's documents are written one by one,
 * and each tells its slot; so whoever reads several and finds none beyond what was applied before, has them as they stood
 * together at that moment.
 */
export interface Applied {
  /** Asks the server where the log stands. */
  ask(): Promise<Stand>
  /** While this node applies a slot, readers that meet it wait for the end instead of asking the server. */
  during(slot: number, work: Promise<unknown>): Promise<void>
  /** Reads, until nothing in it is of a commit that was being applied meanwhile. Throws `unavailable`. */
  whole<T>(read: () => Promise<T>, documentsOf: (found: T) => readonly (Named | undefined)[]): Promise<T>
}

/** @param help sees to a slot whose node may be gone */
export function createApplied(server: Server, help: (stand: Stand) => Promise<void>): Applied {
  let bound = 0
  let own: { readonly slot: number; readonly end: Promise<void> } | undefined

  async function ask(): Promise<Stand> {
    const stand = await appliedStand(server)
    bound = Math.max(bound, stand.slot)
    return stand
  }

  /** Resolves once the slot is applied, or cannot be waited for any more. */
  async function reached(slot: number, patience: number): Promise<void> {
    if (own?.slot === slot) await own.end
    for (let pause = 1; bound < slot && performance.now() < patience; pause = Math.min(2 * pause, 20)) {
      const stand = await ask()
      if (stand.slot >= slot) return
      await help(stand)
      await sleep(pause)
    }
  }

  return {
    ask,
    during: async (slot, work) => {
      const end = work.then(
        () => {
          bound = Math.max(bound, slot)
        },
        () => undefined,
      )
      own = { slot, end }
      await work
      await end
    },
    whole: async (read, documentsOf) => {
      const patience = performance.now() + server.timeout
      for (;;) {
        const before = bound
        const found = await read()
        const newest = Math.max(0, ...documentsOf(found).map((d) => (d?.['slot'] as number | undefined) ?? 0))
        if (newest <= before) return found
        if (performance.now() > patience)
          throw new ImError('unavailable', { detail: 'a commit is not applied', retryAfter: 1 })
        await reached(newest, patience)
      }
    },
  }
}
