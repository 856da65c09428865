import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureInstalled, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'

/** Property tests that name no number of runs of their own: of what codes and decodes, and of small state machines. */
const properties = ['protocol/src', 'bench/src/wire', 'bench/src/fuzz', 'server/src/fuzz/codecs']
const [ci, full] = [10_000, 1_000_000]

await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  const [what = '', ...rest] = process.argv.slice(2)
  const env = { ...environmentFor(node), NEXO_COMMIT: commit() }
  /** @param {string[]} args */
  const run = (args, more = {}) => runInForeground(node, args, { cwd: root, env: { ...env, ...more } })
  /** @param {string[]} args */
  const parsers = (args) => run(['server/src/fuzz/main.ts', ...args])
  /** @param {number} runs @param {string | undefined} out */
  const proven = async (runs, out) => {
    const began = performance.now()
    const folder = mkdtempSync(path.join(tmpdir(), 'nexo-properties-'))
    const report = path.join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    try {
      const args = [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--testTimeout=3600000',
        ...reporters,
        ...properties,
      ]
      const code = await run(args, { NEXO_PROPERTY_RUNS: String(runs) })
      const { numTotalTests: tests, numFailedTests: failed } = JSON.parse(readFileSync(report, 'utf8'))
      const verdict = code === 0 ? 'pass' : 'fail'
      const seconds = Math.round((performance.now() - began) / 100) / 10
      process.stdout.write(
        `R28 ${verdict.toUpperCase()} properties · tests ${tests} · runs of each ${runs} · ${seconds} s\n`,
      )
      const environment = { node: process.version, commit: env.NEXO_COMMIT, date: new Date().toISOString() }
      const counts = { tests, failed, 'runs of each': runs }
      const record = {
        id: 'R28',
        name: 'properties',
        store: '',
        counts,
        seconds,
        verdict,
        failures: [],
        environment,
      }
      if (out !== undefined) appendFileSync(out, `${JSON.stringify(record)}\n`)
      return code
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  /** @param {string[]} args */
  const rounds = (args) => run(['bench/src/fuzz/main.ts', ...args])

  if (what === 'parsers') return parsers(rest)
  if (what === 'properties')
    return proven(Number(valueBehind(rest, '--count') ?? ci), valueBehind(rest, '--out'))
  if (what !== 'ci' && what !== 'full') return rounds([what, ...rest])
  const isFull = what === 'full'
  const seconds = isFull ? '600' : '4'
  const shared = rest.flatMap((word, at) =>
    word === '--seed' || word === '--out' ? [word, rest[at + 1] ?? ''] : [],
  )
  const codes = [
    await rounds([what, ...rest]),
    await parsers(['--seconds', seconds, ...shared]),
    await proven(isFull ? full : ci, valueBehind(rest, '--out')),
  ]
  return codes.find((code) => code !== 0) ?? 0
})

/** @param {string[]} args @param {string} name */
function valueBehind(args, name) {
  const at = args.indexOf(name)
  return at < 0 ? undefined : args[at + 1]
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()
  } catch {
    return ''
  }
}
