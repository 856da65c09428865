import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { Link, type LinkEvents, readBuffer } from './link.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function served(onSocket: (socket: WebSocket) => void): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  closers.push(() => server.close())
  server.on('connection', onSocket)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A link, and what came over it; `seen` calls back on each line. */
function connected(port: number, seen: (line: string) => void): Link {
  const events: LinkEvents = {
    frame: (_, bytes, start, end) => seen(Buffer.from(bytes.slice(start, end)).toString()),
    readEnd: () => undefined,
    lost: (_, reason) => seen(`lost: ${reason}`),
  }
  const link = new Link(0, { host: '127.0.0.1', port, token: 'a&b' }, readBuffer(), events)
  closers.push(() => link.close())
  return link
}

test('a frame that comes with the greeting is not lost', async () => {
  const port = await served((socket) => socket.send('first'))
  const line = await new Promise((resolve) => connected(port, resolve))
  expect(line).toBe('first')
})

test('a ping is answered with its payload', async () => {
  const pong = Promise.withResolvers<string>()
  const port = await served((socket) => {
    socket.on('pong', (data) => pong.resolve(data.toString()))
    socket.ping('are you there')
  })
  await connected(port, () => undefined).opened()
  expect(await pong.promise).toBe('are you there')
})

test('the close code of the server is told', async () => {
  const port = await served((socket) => socket.close(4401, 'logout'))
  const line = await new Promise((resolve) => connected(port, resolve))
  expect(line).toBe('lost: close code 4401')
})

test('a refused upgrade rejects with what the server said', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  closers.push(() => server.close())
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n{"code":2001}'))
  await once(server, 'listening')
  const link = connected((server.address() as AddressInfo).port, () => undefined)
  await expect(link.opened()).rejects.toThrow('401 Unauthorized')
})

test('a link that we close ourselves is not lost', async () => {
  const lines: string[] = []
  const gone = Promise.withResolvers<void>()
  const port = await served((socket) => socket.on('close', () => gone.resolve()))
  const link = await connected(port, (line) => lines.push(line)).opened()
  link.close()
  await gone.promise
  expect(lines).toEqual([])
})
