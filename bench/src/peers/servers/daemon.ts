import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface DaemonWish {
  /** What a reader calls it. */
  readonly title: string
  readonly program: string
  readonly args: readonly string[]
  /** Where it runs, and its log lies. */
  readonly folder: string
  readonly port: number
  readonly environment?: Readonly<Record<string, string>>
}

/** A server of another make, on a port of 127.0.0.1; it goes with `stop`, or with this process. */
export interface Daemon {
  readonly pid: number
  readonly port: number
  /** SIGTERM, and SIGKILL after ten seconds; resolves when it is gone. */
  stop(): Promise<void>
}

const readyMs = 30_000
const insistMs = 10_000
const askAgainMs = 50

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Resolves when it takes connections; rejects with the end of its log when it ends first or stays silent. */
export async function startDaemon(wish: DaemonWish): Promise<Daemon> {
  const { title, program, args, folder, port } = wish
  const logFile = join(folder, 'output.log')
  const log = openSync(logFile, 'a')
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...wish.environment },
  })
  closeSync(log)
  let how: string | undefined
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      how = error.message
      resolve()
    })
    child.once('exit', (code, signal) => {
      how = `ended with ${signal ?? code}`
      resolve()
    })
  })
  const follow = (): void => void child.kill('SIGKILL')
  process.on('exit', follow)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), insistMs)
    await gone
    clearTimeout(late)
    process.off('exit', follow)
  }
  const deadline = Date.now() + readyMs
  while (how !== undefined || !(await isOpen(port))) {
    if (how === undefined && Date.now() < deadline) {
      await sleep(askAgainMs)
      continue
    }
    const why = how ?? `did not listen within ${readyMs / 1000} s`
    if (how === undefined) await stop()
    throw new Error(`${title} ${why}; the end of its log:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
  }
  return { pid: child.pid as number, port, stop }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const settle = (open: boolean): void => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
