import { ended, startChild } from '../child.ts'
import type { ChaosSetup, FromLoad, Progress, ToLoad } from './setup.ts'

/** The process in which the clients live. */
export interface LoadProcess {
  begin(setup: ChaosSetup): void
  readonly acked: number
  /**
   * The first state told after `since` (microseconds) that fulfils `check`; undefined when none came within `ms`.
   * Rejects when the process ended.
   */
  until(since: number, ms: number, check: (progress: Progress) => boolean): Promise<Progress | undefined>
  /** No new messages; resolves when all are answered and everything has been read. */
  heal(): Promise<void>
  stop(): Promise<void>
}

export function startLoad(): LoadProcess {
  const child = startChild(new URL('./load.ts', import.meta.url))
  const finished = Promise.withResolvers<void>()
  finished.promise.catch(() => undefined)
  const watching = new Set<(progress: Progress) => void>()
  let acked = 0
  child.once('exit', () => finished.reject(new Error('the load process ended early')))
  child.on('message', (message: FromLoad) => {
    if (message.type === 'done') finished.resolve()
    else if (message.type === 'failed') finished.reject(new Error(message.reason))
    else {
      acked = message.acked
      for (const watch of watching) watch(message)
    }
  })
  const tell = (message: ToLoad): void => void child.send(message)
  return {
    begin: (setup) => tell({ type: 'begin', setup }),
    get acked() {
      return acked
    },
    until: async (since, ms, check) => {
      const found = Promise.withResolvers<Progress | undefined>()
      const watch = (progress: Progress): void => {
        if (progress.at > since && check(progress)) found.resolve(progress)
      }
      const late = setTimeout(() => found.resolve(undefined), ms)
      watching.add(watch)
      try {
        return await Promise.race([found.promise, finished.promise.then(() => undefined)])
      } finally {
        clearTimeout(late)
        watching.delete(watch)
      }
    },
    heal: () => {
      tell({ type: 'heal' })
      return finished.promise
    },
    stop: async () => {
      child.kill()
      await ended(child)
    },
  }
}
