import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const entry = join(import.meta.dirname, '../../server/src/cli/main.ts')
const startMs = 30_000

/** The real server in a process of its own, with a data folder of its own. */
export interface TestServer {
  /** `http://127.0.0.1:PORT`; stays the same over a restart. */
  readonly url: string
  /** SIGKILL: no farewell, no flush. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Ends the process and removes its data. */
  remove(): Promise<void>
}

export async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nexo-e2e-'))
  let running = await launch(folder, 0)
  const { url } = running
  const kill = async (): Promise<void> => {
    if (running.process.exitCode !== null || running.process.signalCode !== null) return
    const gone = once(running.process, 'exit')
    running.process.kill('SIGKILL')
    await gone
  }
  return {
    url,
    kill,
    restart: async () => {
      await kill()
      running = await launch(folder, Number(new URL(url).port))
    },
    remove: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function launch(folder: string, port: number): Promise<{ process: ChildProcess; url: string }> {
  const args = [entry, 'serve', '--port', String(port), '--host', '127.0.0.1', '--data', folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const url = new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (address !== undefined) resolve(address)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
    setTimeout(() => reject(new Error(`the server did not start: ${said}`)), startMs).unref()
  })
  return { process: child, url: await url }
}
