import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '../core/ports.ts'
import { openStore } from '../storage/open.ts'
import { runHere, startProgram } from '../testing/program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-moves-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const urlOf = (name: string): string => `sqlite:${join(folder, name)}`
const move = (...more: string[]): string[] => [
  'move',
  '--from',
  urlOf('a.db'),
  '--to',
  urlOf('b.db'),
  ...more,
]

async function source(messages: number): Promise<void> {
  const store = await openStore(urlOf('a.db'))
  const append = (i: number): Change => ({
    append: {
      conversation_id: `si_${i % 1000}`,
      seq: Math.floor(i / 1000) + 1,
      id: 2_000_000 + i,
      sender_id: 'ann',
      client_msg_id: `c${i}`,
      msg_type: 1,
      body: JSON.stringify({ text: `message ${i}` }),
      send_at: i,
      meta: '',
      salt: 'salt',
      digest: 'digest',
      chain: `chain ${i}`,
    },
  })
  for (let i = 0; i < messages; i += 1000)
    await store.commit(() => Array.from({ length: Math.min(1000, messages - i) }, (_, n) => append(i + n)))
  await store.commit(() => [{ put: [{ kind: 'block', row: { name: 'numbers', next: 7 } }] }])
  await store.close()
}

/** Something was written to the target, and most of it not yet. */
async function halfWay(): Promise<void> {
  const written = (): number => statSync(join(folder, 'b.db-wal'), { throwIfNoEntry: false })?.size ?? 0
  await expect.poll(written, { timeout: 20_000, interval: 10 }).toBeGreaterThan(1_000_000)
}

describe('nexo move', () => {
  it('prints a table of counts, the digest and that both are equal', async () => {
    await source(2000)
    const { code, out } = await runHere(move())
    expect(code).toBe(0)
    expect(out).toMatch(
      /^ {2}block +1 {2}[0-9a-f]{16}\n {2}message +2,000 {2}[0-9a-f]{16}\n {2}conversations +1,000\n {2}sha256 of all {2}[0-9a-f]{64}\nequal\n$/,
    )
  })

  it('killed at any moment is finished with --resume; no service starts on half of it', async () => {
    await source(30_000)
    const first = startProgram(move())
    await halfWay()
    first.child.kill('SIGKILL')
    expect((await first.ended).code).toBe(null)

    const again = await runHere(move())
    expect([again.code, again.err]).toEqual([1, expect.stringMatching(/interrupted: go on with --resume/)])
    const config = { IM_STORAGE__URL: urlOf('b.db') }
    const serving = await startProgram(['serve', '--data', folder, '--port', '0'], config).ended
    expect([serving.code, serving.err]).toEqual([
      1,
      expect.stringMatching(/did not come to its end.*--resume/),
    ])
    for (const delay of [500, 900]) {
      const running = startProgram(move('--resume'))
      await new Promise((done) => setTimeout(done, delay))
      running.child.kill('SIGKILL')
      await running.ended
    }
    const { code, out } = await runHere(move('--resume'))
    expect([code, out]).toEqual([0, expect.stringMatching(/message +30,000 .*\n.*\n.*\nequal\n$/)])
  }, 60_000)

  it('ends on Ctrl-C in good order and says how to go on', async () => {
    await source(30_000)
    const running = startProgram(move())
    await halfWay()
    running.child.kill('SIGINT')
    const { code, err } = await running.ended
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^interrupted: the same command with --resume goes on\ninterrupted\n$/m),
    ])
    expect((await runHere(move('--resume'))).code).toBe(0)
  }, 60_000)
})
