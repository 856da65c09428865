import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadResult } from './load/plan.ts'

/** Starts one of our own programs with a message channel; what it prints goes to our stderr. */
export function startChild(program: URL, args: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['ignore', 2, 2, 'ipc'],
    serialization: 'advanced',
  })
}

/** The next message of a child; rejects when it ends without one. */
export function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the process ended early with ${code}`))
    child.once('exit', ended)
    child.once('error', reject)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as T)
    })
  })
}

export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

/** Plays a plan in a generator process. */
export async function generate(plan: LoadPlan): Promise<LoadResult> {
  const child = startChild(new URL('./generator.ts', import.meta.url))
  try {
    const result = nextMessage<LoadResult>(child)
    child.send(plan)
    return await result
  } finally {
    child.kill()
    await ended(child)
  }
}
