import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Faults that a test may plant; all other messages are treated well. */
export interface Script {
  /** Every n-th publication reaches nobody. */
  readonly drop?: number
  /** Every n-th publication arrives twice. */
  readonly repeat?: number
  /** Every n-th publication arrives only after the next one. */
  readonly delay?: number
  /** Every n-th publication is not confirmed. */
  readonly forget?: number
  /** After 20 publications nothing is read for this long. */
  readonly stallMs?: number
}

/** Test double of a NATS server with a stream: enough of its words for the generator, from memory. */
export interface ScriptedNats {
  readonly port: number
  close(): Promise<void>
}

export async function startScriptedNats(script: Script = {}): Promise<ScriptedNats> {
  const subscribers: (readonly [RegExp, string, Socket])[] = []
  const sockets = new Set<Socket>()
  let count = 0
  let held: string | undefined
  const deliver = (subject: string, payload: string): void => {
    for (const [pattern, sid, socket] of subscribers)
      if (pattern.test(subject)) socket.write(`MSG ${subject} ${sid} ${payload.length}\r\n${payload}\r\n`)
  }
  const publish = (subject: string, reply: string | undefined, payload: string): void => {
    count += 1
    if (script.stallMs !== undefined && count === 20) {
      for (const socket of sockets) socket.pause()
      setTimeout(() => {
        for (const socket of sockets) socket.resume()
      }, script.stallMs)
    }
    const is = (every: number | undefined): boolean => every !== undefined && count % every === 0
    if (is(script.delay)) held = payload
    else if (!is(script.drop)) deliver(subject, payload)
    if (held !== undefined && held !== payload) {
      deliver(subject, held)
      held = undefined
    }
    if (is(script.repeat)) deliver(subject, payload)
    if (reply !== undefined && !is(script.forget)) deliver(reply, `{"stream":"PAIRS","seq":${count}}`)
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.write('INFO {}\r\n')
    let rest = ''
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      while (lines.length > 0) {
        const [word, ...words] = (lines.shift() ?? '').split(' ')
        if (word === 'PING') socket.write('PONG\r\n')
        else if (word === 'SUB') subscribers.push([patternOf(words[0] ?? ''), words[1] ?? '', socket])
        else if (word !== 'PUB') continue
        else if (lines.length === 0) {
          rest = `${[word, ...words].join(' ')}\r\n${rest}`
        } else publish(words[0] ?? '', words.length === 3 ? words[1] : undefined, lines.shift() ?? '')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function patternOf(subject: string): RegExp {
  return new RegExp(`^${subject.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`)
}
