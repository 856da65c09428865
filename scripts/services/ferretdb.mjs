import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('./ferretdb/', import.meta.url))
const inputs = ['main.go', 'go.mod', 'go.sum', 'repairs.patch']
const module = 'github.com/FerretDB/FerretDB'
const otherwise = 'set MONGODB_URL to a MongoDB 4.4 or newer instead'
const oldestGo = 24
const buildBoundMs = 10 * 60_000

/** Where this machine keeps what can be made again: a clean checkout must not cost another build. */
function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (process.platform === 'win32') return LOCALAPPDATA ?? path.join(homedir(), 'AppData/Local')
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Caches')
  return XDG_CACHE_HOME || path.join(homedir(), '.cache')
}

/** The built program's place: another version, repair or platform is another one. */
function builtPath() {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(readFileSync(path.join(sources, input)))
  const [, version] = /FerretDB v([\d.]+)/.exec(readFileSync(path.join(sources, 'go.mod'), 'utf8')) ?? []
  const name = `ferretdb-${version}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`
  return path.join(cacheFolder(), 'nexo-im', process.platform === 'win32' ? `${name}.exe` : name)
}

/**
 * The module cache is read-only, and so would be a plain copy of it.
 * @param {string} from
 * @param {string} to
 */
function copyTree(from, to) {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) copyTree(source, target)
    else writeFileSync(target, readFileSync(source))
  }
}

/** @returns {string | undefined} why Go cannot build it here */
function whyGoCannot() {
  // In the module's folder: a Go that may fetch a newer toolchain answers as that one.
  const asked = spawnSync('go', ['env', 'GOVERSION'], { cwd: sources, encoding: 'utf8' })
  if (asked.error)
    return `there is no Go on PATH to build FerretDB with: install Go 1.${oldestGo}, or ${otherwise}`
  const [, minor] = /^go1\.(\d+)/.exec(asked.stdout) ?? []
  if (Number(minor) >= oldestGo) return undefined
  const found = (asked.stdout || asked.stderr).trim()
  return `FerretDB needs Go 1.${oldestGo} or newer (found: ${found}): install it, or ${otherwise}`
}

/**
 * @param {string} folder   a new, empty one
 * @param {string} program  where the result goes
 * @param {number} output   takes what the tools say
 * @returns {string | undefined} the step that failed
 */
function build(folder, program, output) {
  for (const input of inputs) copyFileSync(path.join(sources, input), path.join(folder, input))
  const copy = path.join(folder, 'FerretDB')
  /**
   * @param {string} tool
   * @param {string[]} args
   * @param {{ cwd?: string, stdout?: number | 'pipe' }} [how]
   */
  const run = (tool, args, { cwd = folder, stdout = output } = {}) =>
    spawnSync(tool, args, {
      cwd,
      timeout: buildBoundMs,
      encoding: 'utf8',
      stdio: ['ignore', stdout, output],
      // Pure Go: no C compiler. git must not take the folder for a part of a repository around it.
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GIT_CEILING_DIRECTORIES: folder },
    })
  const fetched = run('go', ['mod', 'download', '-json', module], { stdout: 'pipe' })
  if (fetched.status !== 0) return `the Go module could not be fetched`
  const { Dir } = JSON.parse(fetched.stdout)
  for (const part of ['build', 'ferretdb', 'internal']) copyTree(path.join(Dir, part), path.join(copy, part))
  for (const file of ['go.mod', 'go.sum'])
    writeFileSync(path.join(copy, file), readFileSync(path.join(Dir, file)))
  const patched = run('git', ['apply', path.join(folder, 'repairs.patch')], { cwd: copy })
  if (patched.status !== 0) return 'git could not apply repairs.patch'
  if (run('go', ['mod', 'edit', `-replace=${module}=./FerretDB`]).status !== 0) return 'go mod edit failed'
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-tags=ferretdb_no_postgresql']
  const built = path.join(folder, 'built')
  if (run('go', ['build', ...flags, '-o', built, '.']).status !== 0) return 'go build failed'
  mkdirSync(path.dirname(program), { recursive: true })
  // Whoever builds at the same time makes the same: a whole file replaces a whole file.
  copyFileSync(built, `${program}.${process.pid}`)
  renameSync(`${program}.${process.pid}`, program)
  return undefined
}

/**
 * FerretDB, built once for each version into the cache folder of this machine.
 * @param {(line: string) => void} log
 * @returns {{ path: string } | { missing: string }}
 */
export function ensureFerretdb(log) {
  const program = builtPath()
  if (existsSync(program)) return { path: program }
  const why = whyGoCannot()
  if (why !== undefined) return { missing: why }
  log('building FerretDB from Go sources (once, a minute or three) …')
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'nexo-ferretdb-')))
  const said = path.join(folder, 'build.log')
  const output = openSync(said, 'w')
  const failed = build(folder, program, output)
  closeSync(output)
  const words = readFileSync(said, 'utf8').trim().slice(-2000)
  rmSync(folder, { recursive: true, force: true })
  if (failed === undefined) return { path: program }
  return { missing: `FerretDB could not be built, ${failed}; ${otherwise}:\n${words}` }
}
