import type { Connection, ServerRow } from './connection.ts'
import { isLost, TimedOut } from './failures.ts'
import { createQuestions } from './questions.ts'
import { nextOf, type RowsOf } from './reads.ts'
import { penText } from './texts.ts'

/**
 * The right to write, held by one connection of all nodes at a time: a lock on the row that counts positions. Who holds it
 * reads what nobody changes meanwhile; committing hands it on. If the holder's node dies or stalls, its server session
 * ends (`wait_timeout`), what it wrote is rolled back, and the next one has the pen.
 */
export interface Pen {
  readonly isOpen: boolean
  readonly isBusy: boolean
  /** Waits for the pen; resolves with the position that the next change will have. */
  take(): Promise<number>
  /** Rows of the SELECTs; whatever is asked at once goes to the server in one query. */
  readonly ask: RowsOf
  /** Sends what `writingTexts` made; after the last one the batch stands and the pen is handed on. */
  write(queries: readonly string[]): Promise<void>
  /** Hands the pen on; nothing of what was written since it was taken stays. */
  drop(): Promise<void>
  /** Whatever happened on the connection, the server forgets it: the next `take` opens another. */
  destroy(): void
  close(): void
}

/** @param limit characters of one query */
export function createPen(open: () => Promise<Connection>, limit: number): Pen {
  let connection: Connection | undefined
  let isBusy = false

  function held(): Connection {
    if (!connection) throw new Error('the pen was not taken')
    return connection
  }

  async function begin(): Promise<ServerRow[]> {
    connection = await open()
    return (await connection.query(penText)) as ServerRow[]
  }

  async function beginAgain(used: Connection): Promise<ServerRow[]> {
    try {
      return (await used.query(penText)) as ServerRow[]
    } catch (error) {
      // The server ends a session that was idle for long; nothing had begun, so the question may be repeated.
      if (isLost(error) && !(error instanceof TimedOut)) return begin()
      throw error
    }
  }

  return {
    get isOpen() {
      return connection?.isOpen ?? false
    },
    get isBusy() {
      return isBusy
    },
    ask: createQuestions((query) => held().query(query), { limit, soon: queueMicrotask }),
    take: async () => {
      isBusy = true
      try {
        return nextOf(await (connection?.isOpen ? beginAgain(connection) : begin()))
      } catch (error) {
        isBusy = false
        connection?.destroy()
        throw error
      }
    },
    write: async (queries) => {
      for (const query of queries) await held().query(query)
      isBusy = false
    },
    drop: async () => {
      await held().query('ROLLBACK')
      isBusy = false
    },
    destroy: () => {
      isBusy = false
      connection?.destroy()
    },
    close: () => connection?.close(),
  }
}
