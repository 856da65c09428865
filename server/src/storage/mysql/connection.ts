import { connect as connectSocket, type Socket } from 'node:net'
import { createConnection } from 'mysql2'
import type { Address } from './address.ts'
import { isLost, TimedOut } from './failures.ts'

/** One row as it comes: texts, numbers (exact up to 2^53) and nulls. */
export type ServerRow = Record<string, unknown>

/** One connection; what it is asked at once is answered one after another. */
export interface Connection {
  /** False once anything went wrong with it: then it is thrown away. */
  readonly isOpen: boolean
  /**
   * Rows of one SELECT; of several statements an array of what each gave. Without an answer within the timeout the
   * connection is destroyed: nobody knows what the server still does on it.
   */
  query(text: string): Promise<unknown>
  /** Says good-bye, so that the server does not count it as aborted. */
  close(): void
  destroy(): void
}

/**
 * Connects and signs in.
 * @param several allows several statements in one query; only where every text is made by `texts.ts`
 */
export async function connect(address: Address, several: boolean): Promise<Connection> {
  // The socket is ours, because mysql2 only half-closes its own: a hung server would hold it for ever.
  const socket = address.socket ? connectSocket(address.socket) : connectSocket(address.port, address.host)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 10_000)
  const raw = createConnection({
    host: address.host,
    user: address.user,
    password: address.password,
    database: address.database,
    charset: 'utf8mb4',
    multipleStatements: several,
    // Texts go as they are: looking for question marks in them took a tenth of a commit's time.
    queryFormat: (text: string) => text,
    stream: socket,
    ...(address.tls && {
      ssl: { rejectUnauthorized: address.tls === 'verify', verifyIdentity: address.tls === 'verify' },
    }),
  })
  const wire = createWire(socket, address.timeout)
  // A connection that dies while nobody asks anything says it here; without a listener it would end the process.
  raw.on('error', wire.fail)
  socket.on('close', () => wire.fail(new Error('the server closed the connection')))
  try {
    await wire.answer<void>((settle) => raw.connect((error) => settle(error)))
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    get isOpen() {
      return wire.isOpen
    },
    query: (text) =>
      wire.answer((settle) => {
        raw.query(text, (error: unknown, rows: unknown) => settle(error, rows))
      }),
    close: () => {
      if (wire.isOpen) raw.end()
      // The server hangs up; one that hangs itself must not keep the socket.
      setTimeout(() => socket.destroy(), 1000).unref()
      wire.fail(new Error('the connection was closed'))
    },
    destroy: () => {
      wire.fail(new Error('the connection was destroyed'))
      socket.destroy()
    },
  }
}

type Settle<T> = (error: unknown, value?: T) => void

interface Wire {
  readonly isOpen: boolean
  /** Gives what is asked for, or throws what went wrong, at the latest when the time is over. */
  answer<T>(ask: (settle: Settle<T>) => void): Promise<T>
  /** From here on nothing is asked any more, and whoever waits hears why. */
  fail(error: unknown): void
}

function createWire(socket: Socket, timeout: number): Wire {
  const waiting = new Set<(error: unknown) => void>()
  let isOpen = true

  function fail(error: unknown): void {
    isOpen = false
    const lost = Object.assign(error as Error, { fatal: true })
    for (const reject of [...waiting]) reject(lost)
  }

  return {
    get isOpen() {
      return isOpen
    },
    fail,
    answer: (ask) =>
      new Promise((resolve, reject) => {
        if (!isOpen) {
          reject(Object.assign(new Error('the connection is closed'), { fatal: true }))
          return
        }
        const stop = (error: unknown): void => {
          clearTimeout(timer)
          waiting.delete(stop)
          reject(error as Error)
        }
        const timer = setTimeout(() => {
          fail(new TimedOut(`no answer within ${timeout} ms`))
          socket.destroy()
        }, timeout)
        waiting.add(stop)
        ask((error, value) => {
          if (error) {
            if (isLost(error)) isOpen = false
            stop(error)
            return
          }
          clearTimeout(timer)
          waiting.delete(stop)
          resolve(value as never)
        })
      }),
  }
}
