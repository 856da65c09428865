import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { hunt, type Target } from './hunt.ts'
import { parserTargets } from './targets.ts'
import { isOurs } from './watched.ts'

const folder = mkdtempSync(join(tmpdir(), 'nexo-parsers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what reads bytes from outside', async () => {
  it.each(await parserTargets(folder))('keeps its promise whatever it is given: $name', async (target) => {
    const found = await hunt(target, { seed: 1, count: 400, isWatched: isOurs })
    expect(found.failure).toBeUndefined()
    expect(found.inputs).toBe(400)
  })
})

/** Wrong only behind three letters in a row, which chance alone finds once in sixteen million times. */
function fragile(text: string): void {
  if (text[0] !== 'N') return
  if (text[1] !== 'E') return
  if (text[2] === 'X') throw new Error('found')
}

describe('the hunt', () => {
  const target: Target = {
    name: 'fragile',
    seeds: ['....'],
    words: [],
    run: (input) => fragile(input.toString()),
  }
  const wish = { seed: 8, count: 60_000 }

  it('finds what lies behind several conditions, because it sees how far it came', async () => {
    const found = await hunt(target, {
      ...wish,
      count: 300_000,
      isWatched: (url) => url.includes('parsers.test'),
    })
    expect(found.failure?.input.toString().slice(0, 3)).toBe('NEX')
  })

  it('does not find it blindly', async () => {
    const found = await hunt(target, { ...wish, isWatched: () => false })
    expect(found.failure).toBeUndefined()
    expect(found.inputs).toBe(wish.count)
  })

  it('calls an input that takes a second a failure', async () => {
    const slow: Target = {
      ...target,
      run: () => new Promise((resolve) => setTimeout(resolve, 1010)),
    }
    const found = await hunt(slow, { ...wish, isWatched: () => false })
    expect(String(found.failure?.error)).toMatch(/it took \d+ ms/)
  })
})
