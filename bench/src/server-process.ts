import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly pid: number
  /** Asks it to end, and insists after ten seconds. */
  stop(): Promise<void>
  /** SIGKILL to its whole process group: no handler runs, nothing is flushed. */
  kill(): Promise<void>
  /** The last lines it printed. */
  lastLines(): string
  /** Where its inspector listens, when `nodeArguments` asked for one. */
  readonly inspector: string | undefined
}

export interface ServerOptions {
  /** Folder of its data. */
  readonly data: string
  readonly configFile: string
  /** 0 = any free one. */
  readonly port?: number
  /** For the runtime, before the program. */
  readonly nodeArguments?: readonly string[]
  /** A program with its arguments that becomes the server: `['env', 'A=b']`. */
  readonly wrap?: readonly string[]
  /** Where it listens, 127.0.0.1 unless given. */
  readonly host?: string
}

const program = fileURLToPath(new URL('../../server/src/cli/main.ts', import.meta.url))
const readyMs = 30_000
const insistMs = 10_000
const linesKept = 40

/** Starts the real server with its shipped defaults; resolves when it has printed its address. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const address = ['--port', String(options.port ?? 0), '--host', options.host ?? '127.0.0.1']
  const [command = '', ...words] = [
    ...(options.wrap ?? []),
    process.execPath,
    ...(options.nodeArguments ?? []),
    program,
    ...['serve', ...address, '--data', options.data, '--config', options.configFile],
  ]
  const child = spawn(
    command,
    words,
    // Its own group, so that `kill` also reaches whatever the server itself starts.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  )
  const lines: string[] = []
  // In a group of its own it would outlive a Ctrl-C that ends us.
  const follow = (): void => signal(child, 'SIGKILL')
  process.on('exit', follow)
  child.once('exit', () => process.off('exit', follow))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    const url = await addressOf(child, lines)
    return handle(child, url, lines, gone)
  } catch (error) {
    signal(child, 'SIGKILL')
    throw error
  }
}

function addressOf(child: ChildProcess, lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(new Error(`the server ${what}; it said:\n${lines.join('\n')}`))
    const timer = setTimeout(() => fail(`was not ready in ${readyMs} ms`), readyMs)
    const keep = (chunk: Buffer): void => {
      lines.push(
        ...chunk
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      )
      lines.splice(0, Math.max(0, lines.length - linesKept))
    }
    child.stderr?.on('data', keep)
    child.stdout?.on('data', (chunk: Buffer) => {
      keep(chunk)
      // Its log may tell another address before: that of its metrics.
      const url = /^ *open +(http:\/\/[\d.]+:\d+)/m.exec(chunk.toString())?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code, by) => {
      clearTimeout(timer)
      fail(`ended with ${by ?? code}`)
    })
  })
}

function handle(
  child: ChildProcess,
  url: string,
  lines: readonly string[],
  gone: Promise<void>,
): ServerProcess {
  const { hostname, port } = new URL(url)
  return {
    url,
    host: hostname,
    port: Number(port),
    pid: child.pid as number,
    stop: async () => {
      signal(child, 'SIGTERM')
      const insist = new AbortController()
      const late = sleep(insistMs, undefined, { signal: insist.signal }).then(
        () => signal(child, 'SIGKILL'),
        () => undefined,
      )
      await gone
      insist.abort()
      await late
    },
    kill: async () => {
      signal(child, 'SIGKILL')
      await gone
    },
    lastLines: () => lines.join('\n'),
    inspector: /ws:\/\/127\.0\.0\.1:\S+/.exec(lines.join('\n'))?.[0],
  }
}

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // It ended between the look and the signal.
  }
}
