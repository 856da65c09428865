import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// Everything here is plain JavaScript without packages: it runs on the Node a newcomer happens to have
// (20 or newer), before anything is installed.

/** The repository's root folder. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** A failure the reader can act on: the starters print its sentence and no stack. */
export class Problem extends Error {}

/** @typedef {{ root?: string, log?: (line: string) => void }} Where */

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean,
 *             os?: string | string[], cpu?: string | string[], libc?: string | string[] }} Locked
 */

/** @param {string} line */
function say(line) {
  process.stderr.write(`nexo: ${line}\n`)
}

/** @param {string} file */
function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** @param {string} file */
function textOr(file, otherwise = '') {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise
}

/**
 * npm leaves out packages made for other platforms, and what only those need; a lockfile names them all.
 * @param {Locked} locked
 */
function isForThisPlatform(locked) {
  const named = [locked.os, locked.cpu].flat().filter((name) => name !== undefined)
  if (named.length === 0 || locked.libc !== undefined) return false
  return (
    [locked.os ?? process.platform].flat().includes(process.platform) &&
    [locked.cpu ?? process.arch].flat().includes(process.arch)
  )
}

/**
 * Whether node_modules holds what the lockfile says. npm writes its own record, `.package-lock.json`, as the
 * last step of an installation, so an interrupted one is never taken for whole.
 * @param {string} home
 */
function holdsLocked(home) {
  const record = path.join(home, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  /** @type {Record<string, Locked>} */
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  /** @type {Record<string, Locked>} */
  const wanted = JSON.parse(readFileSync(path.join(home, 'package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(([place, locked]) => {
    if (!place.includes('node_modules/')) return true
    const found = installed[place]
    if (found === undefined) return locked.optional === true && !isForThisPlatform(locked)
    return found.version === locked.version && existsSync(path.join(home, place))
  })
}

/**
 * npm's own program where it started us, else the one on PATH; a .cmd file needs a shell on Windows.
 * @param {string[]} args
 * @param {string} home
 */
function npm(args, home) {
  const program = process.env.npm_execpath
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: home, stdio: ['ignore', 2, 2] }
  if (program !== undefined && path.basename(program) === 'npm-cli.js')
    return spawnSync(process.execPath, [program, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

/**
 * Runs `npm ci` when node_modules does not fit package-lock.json; else touches neither npm nor the network.
 * @param {Where} [where]
 * @throws {Problem} when npm fails
 */
export function ensureInstalled({ root: home = root, log = say } = {}) {
  const marker = path.join(home, 'node_modules/.nexo-installed')
  const wanted = hashOf(path.join(home, 'package-lock.json'))
  if (textOr(marker) === wanted) return
  if (!holdsLocked(home)) {
    log('installing packages (once, about a minute) …')
    // npm would warn about every package that the Node now running is too old for; ours comes with them.
    // vite is a development dependency, and NODE_ENV=production would leave it out.
    const done = npm(
      [
        'ci',
        '--ignore-scripts',
        '--include=dev',
        '--include=optional',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ],
      home,
    )
    if (done.error) throw new Problem(`npm could not be started (${done.error.message}). Is npm installed?`)
    if (done.status !== 0) throw new Problem('npm ci failed; its reason stands above. Nothing was started.')
  }
  writeFileSync(marker, wanted)
}

/** @param {string} home */
function packagedNode(home) {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const program = process.platform === 'win32' ? 'node.exe' : 'node'
  return path.join(home, 'node_modules', `node-${system}-${process.arch}`, 'bin', program)
}

/**
 * The Node (24 or newer) that runs the product: the one npm brought, else the one that runs this script.
 * @param {Where} [where]
 * @throws {Problem} when there is none
 */
export function node24Path({ root: home = root } = {}) {
  const packaged = packagedNode(home)
  // Alpine's musl cannot run the packaged glibc build.
  if (existsSync(packaged) && !existsSync('/etc/alpine-release')) return packaged
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath
  throw new Problem(
    `Nexo IM needs Node 24 or newer, this is ${process.version} and npm has no packaged Node for ` +
      `${process.platform}-${process.arch}: please install Node 24 from nodejs.org and start again.`,
  )
}

/**
 * The environment for programs that must find Node 24 first.
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(node) {
  return { ...process.env, PATH: path.dirname(node) + path.delimiter + (process.env.PATH ?? '') }
}

const webInputs = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/vite.config.ts',
  'client/src',
  'protocol/src',
  'package-lock.json',
]

/**
 * @param {string} place
 * @returns {string[]}
 */
function filesIn(place) {
  if (!existsSync(place)) return []
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const inner = path.join(place, entry.name)
    if (entry.isDirectory()) return filesIn(inner)
    return /\.(test|contract)\.tsx?$/.test(entry.name) ? [] : [inner]
  })
}

/** @param {string} home */
function webFingerprint(home) {
  const files = webInputs.flatMap((input) => {
    const place = path.join(home, input)
    return /\.\w+$/.test(input) ? [place].filter((file) => existsSync(file)) : filesIn(place)
  })
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(`${path.relative(home, file)}\0${hashOf(file)}\n`)
  return hash.digest('hex')
}

/**
 * Builds the web app into web/dist when one of its inputs changed since the last build.
 * @param {Where} [where]
 * @throws {Problem} when the build fails
 */
export function ensureWebBuilt({ root: home = root, log = say } = {}) {
  const marker = path.join(home, 'web/dist/.nexo-build')
  const wanted = webFingerprint(home)
  if (textOr(marker) === wanted && existsSync(path.join(home, 'web/dist/index.html'))) return
  log('building the web app (only when it changed) …')
  const node = node24Path({ root: home })
  const vite = path.join(home, 'node_modules/vite/bin/vite.js')
  const done = spawnSync(node, [vite, 'build', '--logLevel', 'warn'], {
    cwd: path.join(home, 'web'),
    env: environmentFor(node),
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) throw new Problem('the web app could not be built; the reason stands above.')
  mkdirSync(path.dirname(marker), { recursive: true })
  writeFileSync(marker, wanted)
}
