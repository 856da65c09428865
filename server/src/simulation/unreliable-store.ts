import { ImError } from '@nexo-im/protocol'
import type { Store } from '../core/ports.ts'
import { everyCall } from '../testing/stores/every-call.ts'
import { type Chance, turns } from './chance.ts'

/** One node's way to the store that all share. */
export interface UnreliableStore {
  readonly store: Store
  /** The node is dead: what it asked is not answered, and nothing more of it is done. */
  cut(): void
}

export interface Trouble {
  /** Of all calls, those that fail before anything happened; of commits as many again lose their answer. */
  share: number
  /** Turns of the event loop that a call takes at most, each way. */
  delay: number
}

const unreachable = (): ImError =>
  new ImError('unavailable', { detail: 'the simulated store does not answer' })

/** @param trouble may change at any time */
export function unreliable(inner: Store, chance: Chance, trouble: Trouble): UnreliableStore {
  const death = Promise.withResolvers<never>()
  death.promise.catch(() => undefined)
  let isDead = false

  function hurt(): void {
    if (isDead || chance.is(trouble.share)) throw unreachable()
  }

  async function call<T>(work: () => Promise<T>, isWrite = false): Promise<T> {
    await turns(chance.below(trouble.delay + 1))
    hurt()
    const result = await work()
    await turns(chance.below(trouble.delay + 1))
    if (isDead || (isWrite && chance.is(trouble.share))) throw unreachable()
    return result
  }

  return {
    store: {
      ...everyCall(inner, (work) => call(work)),
      traits: { ...inner.traits, isShared: true },
      // Whoever dies while it holds the pen lets go of it.
      commit: (propose) =>
        call(
          () =>
            inner.commit(async (from) => {
              const changes = await Promise.race([propose(from), death.promise])
              hurt()
              return changes
            }),
          true,
        ),
    },
    cut: () => {
      isDead = true
      death.reject(unreachable())
    },
  }
}
