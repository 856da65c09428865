import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'

const { flags, periodMs } = workerData as { flags: SharedArrayBuffer; periodMs: number }
// Word 0 is never changed and only slept on; word 1 is 1 while a tick waits to be taken, so ticks cannot pile up.
const words = new Int32Array(flags)
let next = performance.now()
for (;;) {
  next += periodMs
  const rest = next - performance.now()
  if (rest > 0) Atomics.wait(words, 0, 0, rest)
  else next = performance.now()
  if (Atomics.compareExchange(words, 1, 0, 1) === 0) parentPort?.postMessage(0)
}
