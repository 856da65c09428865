import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Hunt, hunt } from './hunt.ts'
import { parserTargets } from './targets.ts'
import { isOurs } from './watched.ts'

/** R27: `npm run fuzz -- parsers`; each target for so many seconds, or so many inputs. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    only: { type: 'string' },
    out: { type: 'string' },
  },
})
const seed = Number(values.seed)
const count = Number(values.count ?? Number.POSITIVE_INFINITY)
// Without either: a minute each.
const seconds = Number(values.seconds ?? (values.count === undefined ? 60 : Number.POSITIVE_INFINITY))
if (!Number.isInteger(seed) || !(count > 0) || !(seconds > 0)) {
  process.stderr.write(
    'usage: npm run fuzz -- parsers [--seconds T] [--count N] [--seed S] [--only NAME] [--out FILE]\n',
  )
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'nexo-parsers-'))
try {
  const targets = (await parserTargets(folder)).filter(
    ({ name }) => values.only === undefined || name === values.only,
  )
  if (targets.length === 0) throw new Error(`no target is called ${values.only}`)
  for (const target of targets) {
    const began = performance.now()
    const rssBefore = process.memoryUsage().rss
    const found = await hunt(target, { seed, count, milliseconds: seconds * 1000, isWatched: isOurs })
    tell(target.name, found, Math.round((performance.now() - began) / 100) / 10, rssBefore)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function tell(name: string, { failure, ...figures }: Hunt, seconds: number, rssBefore: number): void {
  const verdict = failure === undefined ? 'pass' : 'fail'
  if (failure !== undefined) {
    process.exitCode = 1
    process.stdout.write(`${failure.input.toString('base64').slice(0, 4000)}\n${shown(failure.error)}\n`)
  }
  const { inputs, characters, kept, slowestMs } = figures
  const counts = { inputs, characters, kept, 'slowest, ms': slowestMs }
  const said = Object.entries(counts).map(([what, n]) => `${what} ${n}`)
  process.stdout.write(`R27 ${verdict.toUpperCase()} ${name} · ${said.join(' · ')} · ${seconds} s\n`)
  if (values.out === undefined) return
  const failures =
    failure === undefined ? [] : [`${failure.input.toString('base64')}: ${shown(failure.error)}`]
  const rssAfter = process.memoryUsage().rss
  const rest = { counts, seconds, rssBefore, rssAfter, settings: [], verdict, failures }
  const environment = {
    node: process.version,
    commit: process.env['NEXO_COMMIT'] ?? null,
    date: new Date().toISOString(),
  }
  appendFileSync(
    values.out,
    `${JSON.stringify({ id: 'R27', name, store: '', seed, ...rest, environment })}\n`,
  )
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
