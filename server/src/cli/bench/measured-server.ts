import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface MeasuredServer {
  readonly url: string
  /** Resident memory after a forced collection, bytes. */
  memory(): Promise<number>
  /** Resolves when it has written everything and is gone. */
  stop(): Promise<void>
}

/** Starts a server on an embedded store in this folder. Rejects with what it said when it does not come up. */
export async function startMeasured(folder: string): Promise<MeasuredServer> {
  const child = fork(new URL('./served.ts', import.meta.url), [folder], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Nothing of the environment configures what is measured.
    env: { PATH: process.env['PATH'] },
  })
  const gone = once(child, 'exit')
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += String(chunk)
  })
  const answer = async <T>(): Promise<T> => {
    const [told] = await Promise.race([
      once(child, 'message'),
      gone.then(() =>
        Promise.reject(new Error(`the measured server ended: ${said.trim() || 'without a word'}`)),
      ),
    ])
    return told as T
  }
  const { url } = await answer<{ url: string }>()
  return {
    url,
    memory: async () => {
      child.send('memory')
      return (await answer<{ rss: number }>()).rss
    },
    stop: async () => {
      if (child.connected) child.send('stop')
      await gone
    },
  }
}
