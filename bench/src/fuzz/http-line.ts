import { connect, type Socket } from 'node:net'

/** One kept connection that speaks HTTP by hand. */
export interface HttpLine {
  /** `late` = no whole answer in `ms`; `cut` = the server ended the connection without one. */
  ask(bytes: Buffer, hasBody: boolean, ms: number): Promise<HttpAnswer | 'late' | 'cut'>
  close(): void
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

export function openLine(host: string, port: number): HttpLine {
  let socket: Socket | undefined
  return {
    ask: async (bytes, hasBody, ms) => {
      if (socket === undefined || socket.destroyed || !socket.writable)
        socket = connect({ host, port, noDelay: true })
      const answer = await exchange(socket, bytes, hasBody, ms)
      // Whatever else it says would be taken for the next answer.
      if (typeof answer === 'string' || answer.isLast) {
        socket.destroy()
        socket = undefined
      }
      return answer
    },
    close: () => socket?.destroy(),
  }
}

interface Whole extends HttpAnswer {
  readonly isLast: boolean
}

function exchange(
  socket: Socket,
  bytes: Buffer,
  hasBody: boolean,
  ms: number,
): Promise<Whole | 'late' | 'cut'> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0)
    const done = (answer: Whole | 'late' | 'cut'): void => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      resolve(answer)
    }
    const timer = setTimeout(() => done('late'), ms)
    socket.on('data', (chunk) => {
      seen = Buffer.concat([seen, chunk])
      const answer = wholeAnswer(seen, hasBody, false)
      if (answer) done(answer)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => done(wholeAnswer(seen, hasBody, true) ?? 'cut'))
    socket.write(bytes)
  })
}

/** Undefined while something is missing. */
function wholeAnswer(seen: Buffer, hasBody: boolean, isEnded: boolean): Whole | undefined {
  const headEnd = seen.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = seen.toString('latin1', 0, headEnd)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
  const rest = seen.subarray(headEnd + 4)
  if (status >= 100 && status < 200 && status !== 101) return wholeAnswer(rest, hasBody, isEnded)
  const fieldOf = (name: string): string | undefined =>
    new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim()
  const isLast = isEnded || status === 101 || fieldOf('connection')?.toLowerCase() === 'close'
  const common = { status, isLast, retryAfter: fieldOf('retry-after') }
  if (!hasBody || status === 204 || status === 304 || status === 101) return { ...common, body: '' }
  if (fieldOf('transfer-encoding') === 'chunked') {
    return rest.includes('0\r\n\r\n') ? { ...common, body: rest.toString() } : undefined
  }
  const length = Number(fieldOf('content-length') ?? (isEnded ? rest.length : Number.NaN))
  return rest.length >= length ? { ...common, body: rest.toString('utf8', 0, length) } : undefined
}

/** Everything the server says to these bytes, whose sender ends behind them; undefined when it does not let go in time. */
export function shout(host: string, port: number, bytes: Buffer, ms: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    let said = ''
    const timer = setTimeout(() => {
      resolve(undefined)
      socket.destroy()
    }, ms)
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1')
    })
    // The server has said all it wants to say: now our half ends too, if it has not.
    socket.on('end', () => socket.end())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(said)
    })
    socket.end(bytes)
  })
}
