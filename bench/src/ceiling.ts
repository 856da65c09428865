import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { opcodes } from './wire/masked-frame.ts'
import { serverFrame } from './wire/ws-parts.ts'

// A process of its own: what the WebSocket library alone can do here. `echo` returns each frame to its sender,
// `broadcast` frames it once and writes it to every client. It prepares nothing, stores nothing, checks nothing.
const kind = process.argv[2]
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  maxPayload: 1 << 20,
})
const sockets = new Set<Socket>()

server.on('connection', (client: WebSocket, request) => {
  sockets.add(request.socket)
  client.on('close', () => sockets.delete(request.socket))
  client.on('error', () => client.terminate())
  client.on('message', (data: Buffer, isBinary: boolean) => {
    if (kind === 'echo') return client.send(data, { binary: isBinary })
    const frame = serverFrame(data, isBinary ? opcodes.binary : opcodes.text)
    for (const socket of sockets) socket.write(frame)
  })
})
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
