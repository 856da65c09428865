import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ended, nextMessage, startChild } from '../../child.ts'
import type { StartPeer } from './server.ts'

/** Socket.IO in a process of its own; it stores nothing, so there is nothing to read back. */
export const startSocketIo: StartPeer = async ({ text }) => {
  const child = startChild(new URL('./socketio-process.ts', import.meta.url))
  const follow = (): void => void child.kill('SIGKILL')
  process.on('exit', follow)
  const stop = async (): Promise<void> => {
    child.kill()
    await ended(child)
    process.off('exit', follow)
  }
  try {
    const { port } = await nextMessage<{ port: number }>(child)
    return {
      version: `Socket.IO ${installedVersion()}`,
      durability: 'D0',
      setting: 'one room, in memory',
      pid: child.pid as number,
      speech: { kind: 'socketio', host: '127.0.0.1', port, text },
      readBack: undefined,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function installedVersion(): string {
  const file = createRequire(import.meta.url).resolve('socket.io/package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
