import { readdir, readFile } from 'node:fs/promises'
import manifest from '../../package.json' with { type: 'json' }
import { by, type Family, histogram, one } from './family.ts'

/** Linux tells; elsewhere there is no sample. */
async function openFiles(): Promise<number | undefined> {
  return readdir('/proc/self/fd').then(
    (names) => names.length,
    () => undefined,
  )
}

async function fileLimit(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const soft = /^Max open files +(\d+)/m.exec(text)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** The process around the node: whatever else runs in it is counted too. */
export const process: readonly Family[] = [
  {
    name: 'im_build_info',
    type: 'gauge',
    help: 'Always 1: the version of this server and of Node.',
    labels: ['version', 'node'],
    read: () => [{ labels: { version: manifest.version, node: globalThis.process.versions.node }, value: 1 }],
  },
  {
    name: 'im_process_start_time_seconds',
    type: 'gauge',
    help: 'When the process started, Unix time.',
    labels: [],
    read: () => one(performance.timeOrigin / 1000),
  },
  {
    name: 'im_process_cpu_seconds_total',
    type: 'counter',
    help: 'Time on the processor, in user and in system mode.',
    labels: ['mode'],
    read: () => {
      const { user, system } = globalThis.process.cpuUsage()
      return by('mode', { user: user / 1e6, system: system / 1e6 })
    },
  },
  {
    name: 'im_process_memory_bytes',
    type: 'gauge',
    help: 'Memory: rss all that is resident, heap_used and heap_total of JavaScript, external outside its heap.',
    labels: ['kind'],
    read: () => {
      const { rss, heapUsed, heapTotal, external } = globalThis.process.memoryUsage()
      return by('kind', { rss, heap_used: heapUsed, heap_total: heapTotal, external })
    },
  },
  {
    name: 'im_process_open_files',
    type: 'gauge',
    help: 'Files and sockets that are open; told on Linux only.',
    labels: [],
    read: async () => {
      const open = await openFiles()
      return open === undefined ? [] : one(open)
    },
  },
  {
    name: 'im_process_limit_files',
    type: 'gauge',
    help: 'Files and sockets that may be open at once; told on Linux only.',
    labels: [],
    read: async () => {
      const limit = await fileLimit()
      return limit === undefined ? [] : one(limit)
    },
  },
  {
    name: 'im_event_loop_delay_seconds',
    type: 'histogram',
    help: 'The longest delay of the event loop in each second: everything waits for as long.',
    labels: [],
    read: ({ loop }) => histogram(loop.delays, 0.001),
  },
  {
    name: 'im_event_loop_active_seconds_total',
    type: 'counter',
    help: 'Time in which the event loop was at work; its rate is how full the one thread is.',
    labels: [],
    read: ({ loop }) => one(loop.active() / 1000),
  },
]
