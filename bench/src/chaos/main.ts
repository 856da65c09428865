import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Judgement } from '../checker/judge.ts'
import { table } from '../checker/table.ts'
import { killRun } from './kill.ts'

const usage = `usage: npm run chaos -- kill [options]

  kill            SIGKILL to the server at random times while clients send and repeat

  --times N       how often                                      (20)
  --clients N     users, one connection each                     (50)
  --seed N        same seed, same times and same messages    (random)
  --data DIR      folder for temporary data
  --keep          keep data and histories also when all is well`

interface ChaosOptions {
  readonly times: number
  readonly clients: number
  readonly seed: number
  readonly data: string
  readonly keep: boolean
}

function readOptions(args: readonly string[]): ChaosOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      times: { type: 'string', default: '20' },
      clients: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      data: { type: 'string', default: tmpdir() },
      keep: { type: 'boolean', default: false },
    },
  })
  if (positionals.join() !== 'kill') throw new Error('the only fault is: kill')
  const [times, clients, seed] = [values.times, values.clients, values.seed].map(Number)
  if (!isCount(times) || !isCount(clients) || !Number.isInteger(seed))
    throw new Error('--times, --clients, --seed: whole numbers')
  if (clients < 4 || clients % 2 !== 0) throw new Error('--clients: an even number from 4 on')
  return { times, clients, seed: seed as number, data: values.data, keep: values.keep }
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && (value ?? 0) > 0
}

/** The checker is a program of its own: it gets a folder and nothing else. */
function judged(folder: string): Promise<Judgement> {
  const checker = fileURLToPath(new URL('../checker/main.ts', import.meta.url))
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [checker, folder, '--json'], { maxBuffer: 1 << 24 }, (error, stdout) => {
      // Exit code 1 is a verdict, anything else is a broken checker.
      if (error !== null && error.code !== 1) reject(error)
      else resolve(JSON.parse(stdout) as Judgement)
    })
  })
}

async function main(): Promise<number> {
  let options: ChaosOptions
  try {
    options = readOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  const folder = await mkdtemp(join(options.data, 'nexo-chaos-'))
  const histories = join(folder, 'history')
  await mkdir(histories)
  let pass = false
  try {
    process.stderr.write(`seed ${options.seed}, folder ${folder}\n`)
    await killRun({ ...options, folder, histories, say: (text) => process.stderr.write(`  ${text}\n`) })
    const judgement = await judged(histories)
    pass = judgement.pass
    const { sent, acked, lost, duplicates, gaps } = judgement.figures
    process.stdout.write(`${table(judgement)}\n`)
    process.stdout.write(
      `kills ${options.times} · sent ${sent} · acked ${acked} · lost ${lost} · duplicates ${duplicates} · gaps ${gaps} · ${pass ? 'PASS' : 'FAIL'}\n`,
    )
  } catch (error) {
    // A server that does not come back, or clients that cannot finish, are verdicts too.
    process.stdout.write(`FAIL: ${error instanceof Error ? error.message : String(error)}\n`)
  } finally {
    if (pass && !options.keep) await rm(folder, { recursive: true, force: true })
    else process.stdout.write(`histories: ${histories} (seed ${options.seed})\n`)
  }
  return pass ? 0 : 1
}

// The server is ended in an `exit` handler; what was written so far stays for a look.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main()
