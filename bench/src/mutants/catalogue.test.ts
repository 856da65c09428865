import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { mutants } from './catalogue.ts'
import { applied } from './mutant.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

describe('the planted bugs', () => {
  it.each(mutants)('$id still fits the source, and changes it', ({ edits }) => {
    for (const edit of edits) {
      const source = readFileSync(join(root, edit.file), 'utf8')
      expect(applied(edit, source)).not.toBe(source)
    }
  })

  it('have names of their own, and each a suite that must notice it', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
    for (const { id, suites = [], chaos = [] } of mutants) {
      expect(suites.length + chaos.length, id).toBeGreaterThan(0)
      for (const suite of suites) expect(existsSync(join(root, suite)), `${id}: ${suite}`).toBe(true)
    }
  })

  it('are M1 to M10, and at least twenty more', () => {
    const ids = mutants.map(({ id }) => id)
    for (let n = 1; n <= 10; n++) expect(ids).toContain(`M${n}`)
    expect(ids.length).toBeGreaterThanOrEqual(30)
  })
})

describe('a text that is to be replaced', () => {
  const edit = { file: 'a.ts', find: 'one', replace: 'two' }

  it('is replaced where it stands', () => {
    expect(applied(edit, 'is one $&')).toBe('is two $&')
  })

  it('that is not there, or there twice, is an error that names file and text', () => {
    expect(() => applied(edit, 'two')).toThrow('a.ts does not contain: one')
    expect(() => applied(edit, 'one one')).toThrow('a.ts contains more than once: one')
  })
})
