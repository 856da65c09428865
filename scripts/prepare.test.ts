import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withAbsolutePaths } from './arguments.mjs'
import { ensureInstalled, ensureWebBuilt, Problem } from './prepare.mjs'

let home = ''
let said: string[] = []
const log = (line: string): number => said.push(line)

function put(file: string, text: string): void {
  const place = path.join(home, file)
  mkdirSync(path.dirname(place), { recursive: true })
  writeFileSync(place, text)
}

/** A lockfile with one package, and npm's own record of an installation of `installed`. */
function lock(version: string, installed?: string): void {
  const packages = (named: string): string =>
    JSON.stringify({ packages: { 'node_modules/a': { version: named } } })
  put('package-lock.json', packages(version))
  if (installed === undefined) return
  put('node_modules/.package-lock.json', packages(installed))
  put('node_modules/a/package.json', '{}')
}

/** An npm that leaves a trace, so that a call which should not have happened is seen. */
function plantNpm(exitCode: number): void {
  put(
    'npm-cli.js',
    `require('node:fs').writeFileSync('npm-called', process.argv.slice(2).join(' ')); process.exit(${exitCode})`,
  )
  vi.stubEnv('npm_execpath', path.join(home, 'npm-cli.js'))
}

/** A vite that writes a page and counts how often it did. */
function plantVite(): void {
  put(
    'node_modules/vite/bin/vite.js',
    `const fs = require('node:fs'); fs.mkdirSync('dist', { recursive: true })
     fs.writeFileSync('dist/index.html', ''); fs.appendFileSync('builds', '.')`,
  )
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(path.join(home, file), 'utf8')
  } catch {
    return undefined
  }
}

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'nexo-prepare-'))
  said = []
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

describe('packages', () => {
  it('are installed when there are none', () => {
    lock('1.0.0')
    mkdirSync(path.join(home, 'node_modules'))
    plantNpm(0)
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toMatch(/^ci --ignore-scripts --include=dev/)
    expect(said).toHaveLength(1)
  })

  it('are installed again when the lockfile names another version', () => {
    lock('1.0.1', '1.0.0')
    plantNpm(0)
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toBeDefined()
  })

  it('are installed again when a package folder is gone', () => {
    lock('1.0.0', '1.0.0')
    rmSync(path.join(home, 'node_modules/a'), { recursive: true })
    plantNpm(0)
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toBeDefined()
  })

  it('that a developer installed by hand are taken as they are', () => {
    lock('1.0.0', '1.0.0')
    plantNpm(1)
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toBeUndefined()
    expect(said).toEqual([])
  })

  it('that were found whole once are not looked at again', () => {
    lock('1.0.0', '1.0.0')
    plantNpm(1)
    ensureInstalled({ root: home, log })
    rmSync(path.join(home, 'node_modules/.package-lock.json'))
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toBeUndefined()
  })

  it('of another platform may be missing', () => {
    const elsewhere = { version: '1.0.0', optional: true, os: ['aix'], cpu: ['ppc64'] }
    put('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': elsewhere } }))
    put('node_modules/.package-lock.json', JSON.stringify({ packages: {} }))
    plantNpm(1)
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toBeUndefined()
  })

  it('of this platform may not', () => {
    const here = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] }
    put('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': here } }))
    put('node_modules/.package-lock.json', JSON.stringify({ packages: {} }))
    plantNpm(0)
    ensureInstalled({ root: home, log })
    expect(read('npm-called')).toBeDefined()
  })

  it('that npm cannot install are a problem, and the next start tries again', () => {
    lock('1.0.0')
    plantNpm(1)
    expect(() => ensureInstalled({ root: home, log })).toThrow(Problem)
    rmSync(path.join(home, 'npm-called'))
    expect(() => ensureInstalled({ root: home, log })).toThrow(Problem)
    expect(read('npm-called')).toBeDefined()
  })
})

describe('the web app', () => {
  beforeEach(() => {
    put('package-lock.json', '{}')
    put('web/index.html', '<!doctype html>')
    put('web/src/main.tsx', 'a')
    put('client/src/index.ts', 'b')
    plantVite()
  })

  it('is built once for the same inputs', () => {
    ensureWebBuilt({ root: home, log })
    ensureWebBuilt({ root: home, log })
    expect(read('web/builds')).toBe('.')
  })

  it.each([
    'web/src/main.tsx',
    'web/index.html',
    'client/src/index.ts',
    'client/src/deep/new.ts',
    'package-lock.json',
  ])('is built again when %s changes', (file) => {
    ensureWebBuilt({ root: home, log })
    put(file, 'changed')
    ensureWebBuilt({ root: home, log })
    expect(read('web/builds')).toBe('..')
  })

  it('is not built again for a test', () => {
    ensureWebBuilt({ root: home, log })
    put('client/src/index.test.ts', 'new')
    ensureWebBuilt({ root: home, log })
    expect(read('web/builds')).toBe('.')
  })

  it('is built again when somebody emptied dist', () => {
    ensureWebBuilt({ root: home, log })
    rmSync(path.join(home, 'web/dist'), { recursive: true })
    ensureWebBuilt({ root: home, log })
    expect(read('web/builds')).toBe('..')
  })

  it('that cannot be built is a problem, and the next start tries again', () => {
    put('node_modules/vite/bin/vite.js', 'process.exit(1)')
    expect(() => ensureWebBuilt({ root: home, log })).toThrow(Problem)
    expect(() => ensureWebBuilt({ root: home, log })).toThrow(Problem)
  })
})

describe('paths on the command line', () => {
  const here = path.resolve('/home/ada')

  it.each([
    [
      ['--data', 'im'],
      ['--data', path.join(here, 'im')],
    ],
    [['--data=im'], [`--data=${path.join(here, 'im')}`]],
    [
      ['--config', '../im.yaml', '--port', '0'],
      ['--config', path.resolve(here, '../im.yaml'), '--port', '0'],
    ],
    [
      ['--data', path.resolve('/srv/im')],
      ['--data', path.resolve('/srv/im')],
    ],
    [
      ['--data', '--port', '1'],
      ['--data', '--port', '1'],
    ],
    [
      ['--host', 'localhost'],
      ['--host', 'localhost'],
    ],
  ])('%j mean the caller’s folder', (given, meant) => {
    expect(withAbsolutePaths(given, here)).toEqual(meant)
  })
})
