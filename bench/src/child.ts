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
  const [result] = await generateTogether([plan])
  return result as LoadResult
}

/** For the message that tells the beginning to arrive everywhere. */
const leadMs = 50

/** Plays the shares of one load, a process each; all begin at the same time. */
export async function generateTogether(plans: readonly LoadPlan[]): Promise<LoadResult[]> {
  const children = plans.map(() => startChild(new URL('./generator.ts', import.meta.url)))
  const each = <T>(work: (child: ChildProcess, i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(children.map(work))
  try {
    await each((child, i) => {
      const ready = nextMessage(child)
      child.send(plans[i] as LoadPlan)
      return ready
    })
    const origin = Date.now() + leadMs
    return await each((child) => {
      const result = nextMessage<LoadResult>(child)
      child.send(origin)
      return result
    })
  } finally {
    await each(async (child) => {
      child.kill()
      await ended(child)
    })
  }
}
