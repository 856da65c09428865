import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { type FaultProxy, openProxy } from './proxy.ts'

let server: Server
let proxy: FaultProxy
/** What the server was sent, by all connections. */
let read = ''

/** Answers everything with the same in capitals. */
beforeEach(async () => {
  read = ''
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      read += data.toString()
      socket.write(data.toString().toUpperCase())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  proxy = await openProxy({ to: { host: '127.0.0.1', port }, random: seeded(1) })
})
afterEach(async () => {
  await proxy.close()
  server.close()
})

interface Line {
  readonly socket: Socket
  /** Everything that came back so far. */
  readonly heard: () => string
  /** The error code it ended with; '' when it ended politely. */
  readonly end: Promise<string>
}

async function call(): Promise<Line> {
  const socket = connect(proxy.port, '127.0.0.1')
  let heard = ''
  socket.on('data', (data) => {
    heard += data.toString()
  })
  const end = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '?'))
    socket.once('end', () => resolve(''))
  })
  await Promise.race([once(socket, 'connect'), end]).catch(() => undefined)
  return { socket, heard: () => heard, end }
}

async function until(check: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !check(); i++) await sleep(5)
  expect(check()).toBe(true)
}

it('passes both ways what is said, when no rule is given', async () => {
  const line = await call()
  line.socket.write('hello')
  await until(() => line.heard() !== '')
  expect(line.heard()).toBe('HELLO')
})

it('stalls, and lets through what waited once it does no longer', async () => {
  const line = await call()
  proxy.rule({ toClient: { isStalled: true } })
  line.socket.write('hello')
  await until(() => read === 'hello')
  await sleep(50)
  expect(line.heard()).toBe('')
  proxy.rule()
  await until(() => line.heard() !== '')
  expect(line.heard()).toBe('HELLO')
})

it('lets no more through than the bandwidth says', async () => {
  const line = await call()
  proxy.rule({ toServer: { bytesPerSecond: 1000 } })
  line.socket.write('x'.repeat(10_000))
  await sleep(400)
  expect(read.length).toBeGreaterThan(50)
  expect(read.length).toBeLessThan(2000)
})

it('delays', async () => {
  const line = await call()
  proxy.rule({ toClient: { delayMs: 150, jitterMs: 10 } })
  const began = performance.now()
  line.socket.write('hello')
  await until(() => line.heard() === 'HELLO')
  expect(performance.now() - began).toBeGreaterThan(140)
})

it('resets every connection, and refuses new ones when it is told to', async () => {
  const line = await call()
  line.socket.write('hello')
  await until(() => line.heard() === 'HELLO')
  expect(proxy.reset()).toBe(1)
  expect(await line.end).toBe('ECONNRESET')
  proxy.rule({ isRefusing: true })
  const refused = await call()
  expect(await refused.end).toBe('ECONNRESET')
})

it('cuts behind a byte', async () => {
  proxy.rule({ toClient: { cutAfter: 3 } })
  const line = await call()
  line.socket.write('hello')
  await line.end
  expect('HEL'.startsWith(line.heard())).toBe(true)
})

it('ends one direction and leaves the other', async () => {
  const line = await call()
  line.socket.write('one')
  await until(() => line.heard() === 'ONE')
  proxy.halfClose()
  expect(await line.end).toBe('')
})

it('lets a request reach the server and loses its answer', async () => {
  const line = await call()
  line.socket.write('first')
  await until(() => line.heard() === 'FIRST')
  proxy.rule({ loses: (piece) => piece.includes('COMMIT') && 'answer' })
  line.socket.write('COMMIT')
  expect(await line.end).toBe('ECONNRESET')
  expect({ read, heard: line.heard(), lost: proxy.lost }).toEqual({
    read: 'firstCOMMIT',
    heard: 'FIRST',
    lost: 1,
  })
})
