import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'

/** A server of the test's own, on loopback, so that it may be killed, stopped and filled. */
export interface OwnServer {
  readonly port: number
  /** As a crash does: kill -9. */
  kill(): Promise<void>
  /** Starts it again on the same data; resolves when it answers. */
  start(): Promise<void>
  /** It hangs: takes connections and answers nothing. */
  pause(): void
  resume(): void
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

export interface OwnServerRules {
  readonly name: string
  /** Once, before the first start. */
  prepare?(folder: string): Promise<unknown>
  command(place: { readonly folder: string; readonly port: number }): readonly [program: string, ...string[]]
  /** Rejects while it does not answer. */
  ask(port: number): Promise<unknown>
}

export async function startOwnServer({ name, prepare, command, ask }: OwnServerRules): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), `nexo-${name}-`))
  const port = await freePort()
  await prepare?.(folder)
  let child: ChildProcess | undefined

  async function answering(started: ChildProcess): Promise<void> {
    for (;;) {
      try {
        await ask(port)
        return
      } catch (error) {
        if (started.exitCode !== null)
          throw new Error(`${name} ended with ${started.exitCode}`, { cause: error })
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  // A test that dies must not leave a database behind.
  const follow = (): void => void child?.kill('SIGKILL')
  process.on('exit', follow)

  async function start(): Promise<void> {
    const [program, ...words] = command({ folder, port })
    child = spawn(program, words, { stdio: 'ignore' })
    await answering(child)
  }

  await start()
  return {
    port,
    kill,
    start,
    pause: () => {
      child?.kill('SIGSTOP')
      awaitStopped(child?.pid)
    },
    resume: () => void child?.kill('SIGCONT'),
    remove: async () => {
      await kill()
      process.off('exit', follow)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A signal takes a moment to reach all threads: what is asked right after it might still be answered. */
function awaitStopped(pid: number | undefined): void {
  const isStopped = (task: string): boolean =>
    readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ').at(-1)?.startsWith('T') ?? false
  const end = Date.now() + 2000
  while (pid !== undefined && existsSync(`/proc/${pid}/task`) && Date.now() < end)
    if (readdirSync(`/proc/${pid}/task`).every(isStopped)) return
}
