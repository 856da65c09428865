import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Keeps a server that hangs from costing everybody a timeout, and one after another: once one question stayed without an
 * answer, all are refused at once until a single one is answered again.
 */
export interface Fuse {
  /** Does the work, or throws what the last work without an answer was refused with. */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** A server that answers nothing is asked again no sooner than this, ms. */
const pause = 50

/** @param probe a question that costs nothing; ends within the timeout, like every other */
export function createFuse(isTimeout: (error: unknown) => boolean, probe: () => Promise<unknown>): Fuse {
  let blown: { readonly error: unknown } | undefined

  async function watch(): Promise<void> {
    for (;;) {
      try {
        await probe()
        return
      } catch (error) {
        // Whatever else it says, it says something: whoever asks next hears it himself.
        if (!isTimeout(error)) return
      }
      await sleep(pause, undefined, { ref: false })
    }
  }

  return {
    run: async (work) => {
      if (blown) throw blown.error
      try {
        return await work()
      } catch (error) {
        if (isTimeout(error) && !blown) {
          blown = { error }
          void watch().finally(() => {
            blown = undefined
          })
        }
        throw error
      }
    },
  }
}
