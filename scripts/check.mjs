import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { ensureInstalled, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith } from './processes.mjs'

const tsc = 'node_modules/typescript/bin/tsc'
const biome = 'node_modules/@biomejs/biome/bin/biome'
const oxlint = 'node_modules/oxlint/bin/oxlint'

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} args    what Node 24 runs
 * @property {string} [only]    compiler errors count in this folder only; other stages judge the rest
 */

/** @type {Stage[]} */
const stages = [
  { name: 'types: protocol', args: [tsc, '-p', 'protocol'] },
  { name: 'types: client', args: [tsc, '-p', 'client'] },
  { name: 'types: server', args: [tsc, '-p', 'server'] },
  { name: 'types: web', args: [tsc, '-p', 'web'] },
  { name: 'types: web, its tests and tools', args: [tsc, '-p', 'web/tsconfig.tools.json'] },
  { name: 'types: bench', args: [tsc, '-p', 'bench'] },
  { name: 'types: scripts', args: [tsc, '-p', '.'] },
  { name: 'types without Node: protocol', args: [tsc, '-p', 'protocol/tsconfig.bare.json'] },
  { name: 'types without Node: client', args: [tsc, '-p', 'client/tsconfig.bare.json'] },
  {
    // The domain knows neither Node nor the DOM; the contract it reads may know the DOM.
    name: 'types without Node and DOM: server/core',
    args: [tsc, '-p', 'server/tsconfig.bare.json'],
    only: 'server/src/core/',
  },
  { name: 'format and lint (biome)', args: [biome, 'ci', '--colors=off', '--error-on-warnings', '.'] },
  { name: 'promises and sizes (oxlint)', args: [oxlint, '--type-aware', '--deny-warnings', '.'] },
  { name: 'floors', args: ['scripts/house/floors.ts'] },
  { name: 'cycles', args: ['scripts/house/cycles.ts'] },
  { name: 'dead code (knip)', args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  ...(existsSync(path.join(root, 'scripts/print.ts'))
    ? [{ name: 'generated files fresh', args: ['scripts/print.ts', '--check'] }]
    : []),
]

/**
 * @param {Stage} stage
 * @param {number} code
 * @param {string} output
 */
function isClean(stage, code, output) {
  if (code === 0 || stage.only === undefined) return code === 0
  const { only } = stage
  const errors = output.split('\n').filter((line) => /\berror TS\d+:/.test(line))
  // An error that names no file is about the project itself.
  const ours = errors.filter((line) => line.startsWith(only) || line.startsWith('error'))
  return errors.length > 0 && ours.length === 0
}

/**
 * Runs one stage quietly: a line when it is clean, all its output when it is not.
 * @param {Stage} stage
 * @param {string} node
 * @returns {Promise<boolean>}
 */
function run(stage, node) {
  const started = performance.now()
  const child = spawn(node, stage.args, {
    cwd: root,
    env: environmentFor(node),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  /** @type {Buffer[]} */
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const output = Buffer.concat(chunks).toString()
      const clean = isClean(stage, code ?? 1, output)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      process.stdout.write(`${clean ? 'ok    ' : 'FAILED'} ${stage.name}  ${seconds} s\n`)
      if (!clean) process.stdout.write(`${output.trimEnd()}\n\n`)
      resolve(clean)
    })
  })
}

await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  const waiting = [...stages]
  let failed = 0
  const worker = async () => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift())
      if (!(await run(stage, node))) failed += 1
  }
  await Promise.all([worker(), worker()])
  process.stdout.write(
    failed === 0 ? 'check: all clean\n' : `check: ${failed} of ${stages.length} stages failed\n`,
  )
  return failed === 0 ? 0 : 1
})
