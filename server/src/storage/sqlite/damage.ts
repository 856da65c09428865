import { ImError } from '@nexo-im/protocol'
import type { Store } from '../../core/ports.ts'
import type { Damaged } from './rows.ts'

/** @param what the row, as `si_ann:bob: message 4` or `im_user "ann"` */
function damageSentence(file: string, what: string): string {
  return `${file} is damaged (${what} is not what was stored): restore it from a backup, or see what is left with nexo verify`
}

export function refuseDamage(file: string): Damaged {
  return (what) => {
    throw new Error(damageSentence(file, what))
  }
}

export interface Damage {
  /** Ends the work of the guarded store. */
  readonly found: Damaged
  guard(store: Store): Store
}

/**
 * A damaged file must not be guessed about (G9): what was found once holds from then on. Every question is refused, so the
 * node is not ready, nothing is acked, and nobody is shown one half of the truth.
 */
export function createDamage(file: string, tell: (line: string) => void): Damage {
  let error: ImError | undefined

  function end(sentence: string, cause?: unknown): ImError {
    if (error) return error
    error = new ImError('unavailable', { detail: sentence, cause })
    tell(sentence)
    return error
  }

  function guarded<A extends unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
    return async (...args) => {
      if (error) throw error
      try {
        return await ask(...args)
      } catch (cause) {
        const code = String((cause as { code?: unknown }).code)
        if (!code.startsWith('SQLITE_CORRUPT') && !code.startsWith('SQLITE_NOTADB')) throw cause
        throw end(`${file} is damaged: restore it from a backup`, cause)
      }
    }
  }

  return {
    found: (what) => {
      throw end(damageSentence(file, what))
    },
    guard: (store) => ({
      ...store,
      get: guarded(store.get) as Store['get'],
      list: guarded(store.list) as Store['list'],
      scan: guarded(store.scan) as Store['scan'],
      conversations: guarded(store.conversations),
      read: guarded(store.read),
      heads: guarded(store.heads),
      twins: guarded(store.twins),
      position: guarded(store.position),
      commit: guarded(store.commit),
      advance: guarded(store.advance),
    }),
  }
}
