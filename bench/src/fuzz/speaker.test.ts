import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { openSpeaker, type Speaker } from './speaker.ts'

/** A server that answers as a test tells it to, over real sockets. */
let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

type Answering = (socket: WebSocket, request: { req_identifier: number; msg_incr: string }) => void

async function speakTo(answering: Answering): Promise<Speaker> {
  server = createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) =>
    socket.on('message', (raw: Buffer) =>
      answering(socket, JSON.parse(raw.toString()) as Parameters<Answering>[1]),
    ),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return openSpeaker({
    host: '127.0.0.1',
    port,
    subprotocol: 'nexo.v1',
    token: async () => createHash('md5').digest('hex'),
  })
}

const say = (socket: WebSocket, id: number, incr: string, code: number): void =>
  socket.send(JSON.stringify({ req_identifier: id, msg_incr: incr, code, data: null }))

const asked = (incr: string): { text: string; incr: string } => ({
  text: `{"req_identifier":1020,"msg_incr":"${incr}"}`,
  incr,
})

test('each answer is held against its request, and events are none', async () => {
  const speaker = await speakTo((socket, { msg_incr }) => {
    say(socket, 2001, '', 0)
    say(socket, 1020, msg_incr, msg_incr === 'b' ? 1001 : 0)
  })
  const answers = await speaker.ask([asked('a'), asked('b')])
  expect(answers.map(({ code }) => code)).toEqual([0, 1001])
  expect(speaker.complaints).toEqual([])
  await speaker.end()
})

test('an answer that echoes another number is a complaint', async () => {
  const speaker = await speakTo((socket) => say(socket, 1020, 'other', 0))
  await speaker.ask([asked('a')])
  expect(speaker.complaints).toEqual([expect.stringContaining('other came back for a')])
  await speaker.end()
})

test('a request that closes its socket is a complaint that names it', async () => {
  const speaker = await speakTo((socket, { msg_incr }) => {
    if (msg_incr === 'b') socket.close(1011)
    else say(socket, 1020, msg_incr, 0)
  })
  const answers = await speaker.ask([asked('a'), asked('b')])
  expect(answers).toHaveLength(1)
  expect(speaker.complaints).toEqual([expect.stringMatching(/closed with 1011.*"msg_incr":"b"/)])
  await speaker.end()
})
