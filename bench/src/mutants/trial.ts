import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'
import { type ChaosLine, type TestReport, type Verdict, verdictOfChaos, verdictOfTests } from './report.ts'

/** What must notice a bug. */
export type Watch = Pick<Mutant, 'suites' | 'chaos'>

/** Of one run. The whole catalogue must stay something that is run. */
const limitMs = { tests: 60_000, chaos: 120_000 } as const

/** Of a run of the simulation, which otherwise takes the time it is given. */
const simulatedSeeds = '60'

/** Runs what must notice a bug in this folder, and nothing else. */
export async function tried(folder: string, { suites = [], chaos }: Watch): Promise<Verdict> {
  const file = join(folder, 'mutant-report.json')
  await rm(file, { force: true })
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...suites]
  const how = chaos
    ? { args: ['bench/src/chaos/main.ts', ...chaos, '--out', file], limit: limitMs.chaos }
    : { args: [...vitest, '--bail=1', '--reporter=json', `--outputFile=${file}`], limit: limitMs.tests }
  const end = await run(folder, how.args, how.limit)
  if (end.isLate) return { outcome: 'unproven', by: `no verdict within ${how.limit / 1000} s` }
  if (!existsSync(file)) return { outcome: 'unproven', by: `no report: ${end.said.slice(-500)}` }
  const report: unknown = JSON.parse(await readFile(file, 'utf8'))
  return chaos ? verdictOfChaos(report as ChaosLine) : verdictOfTests(report as TestReport)
}

interface End {
  readonly isLate: boolean
  readonly said: string
}

function run(folder: string, args: readonly string[], limit: number): Promise<End> {
  return new Promise((resolve, reject) => {
    // A group of its own: what a test started ends with it.
    const env = { ...process.env, NEXO_SIM_SEEDS: simulatedSeeds }
    const child = spawn(process.execPath, args, { cwd: folder, detached: true, env })
    let said = ''
    let isLate = false
    const end = (): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    const timer = setTimeout(() => {
      isLate = true
      end()
    }, limit)
    process.on('exit', end)
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        said = (said + bytes.toString()).slice(-2000)
      })
    }
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      process.off('exit', end)
      end()
      resolve({ isLate, said })
    })
  })
}
