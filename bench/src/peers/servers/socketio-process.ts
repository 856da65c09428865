import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'

// A process of its own: a chat room as Socket.IO's own guide writes it, in memory, with its defaults. Clients may only
// come by WebSocket, so that nobody begins with the slower polling.
const http = createServer()
const io = new Server(http, { transports: ['websocket'] })
const room = 'room'

io.on('connection', (socket: Socket) => {
  void socket.join(room)
  socket.on('msg', (message: unknown, done: () => void) => {
    io.to(room).emit('msg', message)
    done()
  })
})
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
