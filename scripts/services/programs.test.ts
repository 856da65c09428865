import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ensureProgram, findProgram } from './programs.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'nexo-programs-test-'))
  vi.stubEnv('XDG_CACHE_HOME', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** A folder on PATH, before everything else, that holds one program. */
function provide(name: string, lines: string): void {
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${lines}\n`)
  chmodSync(path.join(folder, name), 0o755)
  vi.stubEnv('PATH', `${folder}${path.delimiter}${process.env['PATH']}`)
}

const log = (): void => {}

describe('a program', () => {
  it('is taken from PATH before the places that Debian leaves out of it', () => {
    provide('nginx', 'exit 0')
    expect(findProgram('nginx')).toBe(path.join(folder, 'nginx'))
  })
})

describe.runIf(process.platform !== 'win32')('FerretDB', () => {
  it('cannot be had without Go, and the reason names the way out', () => {
    vi.stubEnv('PATH', folder)
    expect(ensureProgram('mongodb', log)).toEqual({
      missing: expect.stringMatching(/no Go .* set MONGODB_URL/),
    })
  })

  it('cannot be had with an old Go, and the reason names both versions', () => {
    provide('go', 'echo go1.19.8')
    const reason = /needs Go 1\.24 or newer \(found: go1\.19\.8\)/
    expect(ensureProgram('mongodb', log)).toEqual({ missing: expect.stringMatching(reason) })
  })

  it('cannot be had when its module cannot be fetched, and what Go said is in the reason', () => {
    provide('go', `[ "$1" = env ] && echo go1.26.0 && exit 0\necho 'dial: no route' >&2; exit 1`)
    const reason = /module could not be fetched; set MONGODB_URL.*dial: no route/s
    expect(ensureProgram('mongodb', log)).toEqual({ missing: expect.stringMatching(reason) })
  })
})
