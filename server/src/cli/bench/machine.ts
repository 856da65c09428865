import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, freemem, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import packageFile from '../../../package.json' with { type: 'json' }
import { quantile } from './load.ts'

/** On what and when it was measured. */
export interface Machine {
  readonly nexo: string
  readonly node: string
  readonly cpus: number
  readonly cpuModel: string
  readonly memoryBytes: number
  readonly freeBytes: number
  readonly kernel: string
  /** Programs that wanted to run, on average of the last minute. */
  readonly load: number
  readonly date: string
}

export function describeMachine(): Machine {
  return {
    nexo: packageFile.version,
    node: process.version,
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    kernel: `${process.platform} ${release()}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    date: new Date().toISOString(),
  }
}

const pageBytes = 4096
const writes = 200

/** Median of writing 4 KiB and waiting until the disk has it, ms. */
export function measureFsync(folder: string): number {
  const path = join(folder, 'fsync-probe')
  const file = openSync(path, 'w')
  const times: number[] = []
  try {
    for (let i = 0; i < writes; i++) {
      const began = performance.now()
      writeSync(file, Buffer.alloc(pageBytes, 1), 0, pageBytes, 0)
      fdatasyncSync(file)
      times.push(performance.now() - began)
    }
  } finally {
    closeSync(file)
    rmSync(path)
  }
  return Math.round(quantile(times, 0.5) * 1000) / 1000
}
