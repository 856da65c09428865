import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Histogram } from './histogram.ts'

/** The stamp on every figure. */
export interface Environment {
  readonly node: string
  readonly cpus: number
  readonly cpuModel: string
  readonly memoryBytes: number
  readonly kernel: string
  readonly loadAverage: number
  /** With a "+" when the working tree differed from it. */
  readonly commit: string | null
  /** When it was stamped, ISO 8601. */
  readonly date: string
}

export function describeEnvironment(): Environment {
  return {
    node: process.version,
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: `${process.platform} ${release()}`,
    loadAverage: loadAverage(),
    commit: currentCommit(),
    date: new Date().toISOString(),
  }
}

/** Of one minute. */
export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}

/** Null without git, outside a repository, or before the first commit. */
function currentCommit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  try {
    const commit = git('rev-parse', '--short', '--verify', 'HEAD')
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+`
  } catch {
    return null
  }
}

const writes = 200
const pageBytes = 4096

/** Median of overwriting 4 KiB and fdatasync in this folder, in milliseconds. */
export function measureFsync(folder: string): number {
  const path = join(folder, 'fsync-probe')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(pageBytes, 1)
  const times = new Histogram()
  try {
    for (let i = 0; i < writes; i++) {
      const start = performance.now()
      writeSync(file, page, 0, pageBytes, 0)
      fdatasyncSync(file)
      times.record((performance.now() - start) * 1000)
    }
  } finally {
    closeSync(file)
    rmSync(path)
  }
  return times.latency().p50Ms
}
