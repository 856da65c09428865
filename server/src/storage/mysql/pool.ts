import type { Pool } from '../../core/ports.ts'
import type { Connection } from './connection.ts'
import { isLost, PoolBusy, TimedOut } from './failures.ts'

/** Connections for reads, never more than `limit`. */
export interface Connections {
  /**
   * Lends a free connection for the work. Work that meets a connection which died while nobody used it is done once more
   * on a fresh one: reads may be repeated.
   */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** Lends one for longer; it counts as busy until it is given back. */
  borrow(): Promise<{ readonly connection: Connection; readonly giveBack: () => void }>
  state(): Pool
  close(): void
}

export interface ConnectionRules {
  readonly limit: number
  /** Kept open while nobody uses them. */
  readonly idle: number
  /** Milliseconds to wait for a free one. */
  readonly timeout: number
}

export function createConnections(open: () => Promise<Connection>, rules: ConnectionRules): Connections {
  const shelf = createShelf(open, rules)

  async function lend<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await shelf.take()
    try {
      return await work(connection)
    } finally {
      shelf.giveBack(connection)
    }
  }

  return {
    use: async (work) => {
      const mayBeStale = shelf.state().idle > 0
      try {
        return await lend(work)
      } catch (error) {
        if (!mayBeStale || !isLost(error) || error instanceof TimedOut) throw error
        // What lay beside the dead one has most likely died with it.
        shelf.closeIdle()
        return lend(work)
      }
    },
    borrow: async () => {
      const connection = await shelf.take()
      return { connection, giveBack: () => shelf.giveBack(connection) }
    },
    state: () => {
      const { held, idle, waiting } = shelf.state()
      return { limit: rules.limit, open: held, busy: held - idle, waiting }
    },
    close: () => shelf.close(),
  }
}

/** The connections themselves, and who waits for one. */
interface Shelf {
  take(): Promise<Connection>
  giveBack(connection: Connection): void
  closeIdle(): void
  state(): { readonly held: number; readonly idle: number; readonly waiting: number }
  close(): void
}

interface Waiting {
  readonly resolve: (connection: Connection | Promise<Connection>) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

function createShelf(open: () => Promise<Connection>, rules: ConnectionRules): Shelf {
  let idle: Connection[] = []
  let waiting: Waiting[] = []
  /** Open ones and those being opened. */
  let held = 0
  let isClosed = false

  async function openOne(): Promise<Connection> {
    held += 1
    try {
      return await open()
    } catch (error) {
      held -= 1
      serveNext()
      throw error
    }
  }

  function serveNext(): void {
    if (held >= rules.limit && idle.length === 0) return
    const next = waiting.shift()
    if (!next) return
    clearTimeout(next.timer)
    next.resolve(idle.pop() ?? openOne())
  }

  /** Those that died while they lay here are not open any more. */
  function sweep(): void {
    if (idle.every((c) => c.isOpen)) return
    held -= idle.filter((c) => !c.isOpen).length
    idle = idle.filter((c) => c.isOpen)
  }

  function closeIdle(): void {
    for (const c of idle) c.close()
    held -= idle.length
    idle = []
  }

  return {
    closeIdle,
    take: async () => {
      if (isClosed) throw new Error('the store is closed')
      sweep()
      const free = idle.pop()
      if (free) return free
      if (held < rules.limit) return openOne()
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting = waiting.filter((w) => w.timer !== timer)
          reject(new PoolBusy('no connection became free'))
        }, rules.timeout)
        waiting.push({ resolve, reject, timer })
      })
    },
    giveBack: (connection) => {
      if (connection.isOpen && !isClosed && (waiting.length > 0 || idle.length < rules.idle))
        idle.push(connection)
      else {
        held -= 1
        connection.close()
      }
      serveNext()
    },
    state: () => {
      sweep()
      return { held, idle: idle.length, waiting: waiting.length }
    },
    close: () => {
      isClosed = true
      closeIdle()
      for (const { reject, timer } of waiting) {
        clearTimeout(timer)
        reject(new Error('the store is closed'))
      }
      waiting = []
    },
  }
}
