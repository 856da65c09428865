import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actors, objects } from '../core/policy.matrix.ts'
import { attacks, attackTable } from './catalogue.ts'

const root = join(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Ids that names of tests in a source begin with. */
const idsIn = (source: string): Set<string> =>
  new Set([...source.matchAll(/\(\s*['"`](A\d+) /g)].map((match) => match[1] ?? ''))

describe('the catalogue of attacks', () => {
  it('names each of A1 to A45 once, in order', () => {
    expect(attacks.map(({ id }) => id)).toEqual(Array.from({ length: 45 }, (_, i) => `A${i + 1}`))
  })

  it('says of every row that is tested where, and there a test begins with its id', () => {
    const tested = attacks.filter(({ state }) => state === 'tested')
    const unproved = tested.filter(
      ({ id, where }) => where.length === 0 || where.some((file) => !idsIn(read(file)).has(id)),
    )
    expect(unproved.map(({ id }) => id)).toEqual([])
    expect(tested.length).toBeGreaterThanOrEqual(39)
  })

  it('names only suites that are there', () => {
    const files = attacks.flatMap(({ where, also = [] }) => [...where, ...also])
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('says of every row that is open which feature it waits for', () => {
    const open = attacks.filter(({ state }) => state === 'open')
    expect(open.filter(({ feature }) => feature === undefined).map(({ id }) => id)).toEqual([])
    expect(open.map(({ id }) => id)).toEqual(['A13', 'A22', 'A29', 'A30', 'A42', 'A44'])
  })

  it('is what docs/security.md shows; print it anew with npm run print', () => {
    expect(read('docs/security.md')).toContain(
      `<!-- printed by npm run print -->\n${attackTable()}\n<!-- printed -->`,
    )
  })
})

it('the authorisation matrix (R32) has a column for every role that exists, and every kind of object', () => {
  // Bots, application admins and other tenants do not exist yet.
  const roles = [
    'anonymous',
    'expired',
    'revoked',
    'banned',
    'stranger',
    'blocked',
    'ex',
    'muted',
    'member',
    'admin',
    'owner',
  ]
  expect([...actors].toSorted()).toEqual(roles.toSorted())
  expect([...objects]).toEqual(['own', 'foreign', 'missing', 'malformed'])
})
