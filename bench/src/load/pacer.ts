import { Worker } from 'node:worker_threads'

export interface Pacer {
  stop(): Promise<void>
}

/**
 * Calls `tick` about every `periodMs`. Timers of the event loop are never finer than a millisecond, which would
 * show up in every latency; a thread that sleeps on a futex keeps to a fifth of that.
 */
export async function startPacer(periodMs: number, tick: () => void): Promise<Pacer> {
  const flags = new SharedArrayBuffer(8)
  const busy = new Int32Array(flags)
  const worker = new Worker(new URL('./pacer-thread.ts', import.meta.url), {
    workerData: { flags, periodMs },
  })
  worker.on('message', () => {
    Atomics.store(busy, 1, 0)
    tick()
  })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  return {
    stop: async () => {
      await worker.terminate()
    },
  }
}
