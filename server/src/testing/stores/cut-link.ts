import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A door in front of a server that can be slammed at the worst moments. */
export interface CutLink {
  readonly port: number
  /** The next request that contains this text reaches the server, its answer nobody: the connection is cut instead. */
  loseAnswerTo(text: string): void
  /** The next request that contains this text is cut off in its middle. */
  cutWithin(text: string): void
  close(): void
}

/** @param target port of the server on this machine */
export async function openCutLink(target: number): Promise<CutLink> {
  const sockets = new Set<Socket>()
  let trap: { readonly text: string; readonly isWithin: boolean } | undefined

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    let isDeaf = false
    const cut = (): void => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', cut).on('close', () => {
        cut()
        sockets.delete(socket)
      })
    }
    near.on('data', (data) => {
      if (trap && data.includes(trap.text)) {
        const { isWithin } = trap
        trap = undefined
        if (isWithin) {
          far.end(data.subarray(0, Math.floor(data.length / 2)), cut)
          return
        }
        isDeaf = true
      }
      far.write(data)
    })
    far.on('data', (data) => {
      if (isDeaf) cut()
      else near.write(data)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return {
    port: address.port,
    loseAnswerTo: (text) => {
      trap = { text, isWithin: false }
    },
    cutWithin: (text) => {
      trap = { text, isWithin: true }
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
