import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { ensureInstalled, ensureWebBuilt, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'
import { proveQuickly } from './proof/quick.mjs'
import { services as known } from './services/programs.mjs'
import { startServices } from './services/start.mjs'
import { isGood, playwrightTally, sum, vitestTally } from './tally.mjs'

const ci = process.env.CI === 'true'

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`)
}

/**
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} work
 */
async function stage(name, work) {
  say(`\n── ${name}`)
  const started = performance.now()
  const result = await work()
  say(`── ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}

/**
 * @typedef {object} Bench
 * @property {string} folder                                         for the runners' reports
 * @property {(args: string[], env?: NodeJS.ProcessEnv) => Promise<number>} run   Node 24 in the root
 */

/**
 * @param {Bench} bench
 * @param {string[]} args  files and options
 * @param {string} [store]  what the product keeps everything in meanwhile
 */
async function runVitest({ folder, run }, args, store = 'memory') {
  const report = path.join(folder, `vitest-${store}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const env = { NEXO_TEST_STORE: store }
  const code = await run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], env)
  return { code, tally: vitestTally(report) }
}

/** The suites of the product that run on every store, and those of them for which the store makes no difference. */
const everywhere = [
  'core',
  'transports',
  'testing/client',
  'testing/devices',
  'service.test',
  'metrics/metrics',
]
const nowhereElse = ['core/policy', 'core/cluster/cluster', 'core/writer', 'core/session', 'core/tables']

/**
 * FerretDB stands in for MongoDB where nobody names a real one; it reads a whole collection for every range, and these
 * suites read thousands of them.
 */
const tooMuchForFerret = process.env.MONGODB_URL
  ? []
  : ['core/messages/erasure', 'core/groups/group-departure', 'core/groups/group-members']

/** @param {string} store */
function leftOut(store) {
  const names = store === 'mongodb' ? [...nowhereElse, ...tooMuchForFerret] : nowhereElse
  if (store === 'mongodb' && tooMuchForFerret.length > 0)
    say(`not on FerretDB, only on a real MongoDB (MONGODB_URL): ${tooMuchForFerret.join(', ')}`)
  return names.flatMap((name) => ['--exclude', `server/src/${name}*`])
}

/**
 * @param {Bench} bench
 * @param {string[]} stores
 */
async function runOnStores(bench, stores) {
  const files = everywhere.map((name) => `server/src/${name}`)
  const suites = []
  for (const store of stores)
    suites.push(
      await stage(`on ${store}`, () => {
        // Generous where a slow stand-in answers: these suites are about answers, not about time.
        const patience = store === 'mongodb' ? ['--testTimeout=120000'] : []
        return runVitest(bench, [...files, ...leftOut(store), ...patience], store)
      }),
    )
  return suites
}

/**
 * @param {Bench} bench
 * @param {{ path: string } | { missing: string }} browser
 */
async function runPlaywright({ folder, run }, browser) {
  const report = path.join(folder, 'playwright.json')
  const cli = ['node_modules/@playwright/test/cli.js', 'test', '--config=playwright.config.ts']
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  if ('path' in browser) {
    const code = await run([...cli, '--reporter=list,json'], { ...env, CHROMIUM_PATH: browser.path })
    return { code, tally: playwrightTally(report) }
  }
  say(`browser tests cannot run: ${browser.missing}`)
  const code = await run([...cli, '--reporter=json', '--list'], env)
  const { passed, failed, skipped } = playwrightTally(report)
  return { code, tally: { passed: 0, failed, skipped: skipped + passed } }
}

/**
 * @param {Bench} bench
 * @param {string[]} filter  when given, only vitest runs, on the files whose names contain it
 * @param {string[]} stores  servers that are there
 */
async function runAll(bench, filter, stores) {
  await stage('web app', () => ensureWebBuilt({ log: say }))
  if (filter.length > 0) {
    say(`only vitest files that match ${filter.join(' ')}; neither check nor browser tests`)
    return { check: 0, suites: [await stage('vitest', () => runVitest(bench, filter))] }
  }
  const browser = await stage('browser', () => ensureChromium(say))
  const check = await stage('check', () => bench.run(['scripts/check.mjs']))
  const units = await stage('vitest', () => runVitest(bench, []))
  const stored = await runOnStores(bench, stores)
  const browsing = await stage('browser tests (playwright)', () => runPlaywright(bench, browser))
  return { check, suites: [units, ...stored, browsing] }
}

/** Real servers for the tests; without one, the suites that need it cannot run. */
async function startAll() {
  const started = await startServices({ log: say })
  for (const variable of Object.keys(started.env)) say(`${variable} is there`)
  for (const [name, why] of Object.entries(started.missing))
    say(`tests on ${known[name]?.title ?? name} cannot run: ${why}`)
  return started
}

/**
 * The quick set of load, faults and fuzzing: on CI it is part of the tests.
 * @param {string} node
 * @param {string[]} filter
 */
async function prove(node, filter) {
  if (filter.length > 0) return 0
  if (ci) return stage('proof', () => proveQuickly(node))
  say('\nload, faults and fuzzing in short form, which CI=true runs too: npm run proof')
  return 0
}

/**
 * @param {string} node
 * @param {string[]} filter
 */
async function runTests(node, filter) {
  const services = await stage('services', startAll)
  const folder = mkdtempSync(path.join(tmpdir(), 'nexo-test-'))
  const lacking = Object.keys(services.missing)
  /** @type {Bench['run']} */
  const run = (args, env) =>
    runInForeground(node, args, {
      cwd: root,
      env: { ...environmentFor(node), ...services.env, ...env },
    })
  try {
    const servers = ['mysql', 'mongodb', 'redis'].filter(
      (name) => `${name.toUpperCase()}_URL` in services.env,
    )
    const stores = ['restless', ...servers]
    const { check, suites } = await runAll({ folder, run }, filter, stores)
    const total = sum(suites.map(({ tally }) => tally))
    const crashed = suites.some(({ code }) => code !== 0)
    if (check !== 0) say('\ncheck failed: see its output above')
    if (crashed && total.failed === 0) say('\na test runner failed outside its tests: see its output above')
    if (total.passed + total.failed === 0) say('\nno test ran')
    if (ci && total.skipped > 0) say('\nskipped tests count as a failure where CI=true')
    if (lacking.length > 0) say(`\nwithout ${lacking.join(', ')}${ci ? ': a failure where CI=true' : ''}`)
    const isWhole = lacking.length === 0 || !ci
    say(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
    return check === 0 && !crashed && isWhole && isGood(total, { ci }) ? 0 : 1
  } finally {
    await services.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await exitWith(async () => {
  await stage('packages', () => ensureInstalled({ log: say }))
  const node = node24Path()
  const filter = process.argv.slice(2)
  const tested = await runTests(node, filter)
  const proven = await prove(node, filter)
  return tested === 0 && proven === 0 ? 0 : 1
})
