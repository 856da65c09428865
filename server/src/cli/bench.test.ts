import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runHere, startProgram } from '../testing/program.ts'
import { estimateOf, linesOf } from './bench/estimate.ts'
import { describeMachine } from './bench/machine.ts'
import type { Measured } from './bench/measure.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-bench-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('nexo bench', { timeout: 60_000 }, () => {
  it('measures in a few seconds, tells every figure with its stamp, and leaves nothing behind', async () => {
    const { code, out, err } = await startProgram(['bench', '--data', folder, '--seconds', '2', '--json'])
      .ended
    expect([code, code === 0 ? '' : err]).toEqual([0, ''])
    const { machine, durability, measured, estimate } = JSON.parse(out)
    expect(durability).toBe('D2')
    expect(machine).toMatchObject({
      node: process.version,
      cpus: expect.any(Number),
      load: expect.any(Number),
    })
    for (const name of [
      'fsyncBeforeMs',
      'fsyncAfterMs',
      'acksPerSecond',
      'calmP50Ms',
      'calmP99Ms',
      'deliveriesPerSecond',
      'messages',
      'bytesPerMessage',
    ])
      expect([name, measured[name] > 0]).toEqual([name, true])
    expect(estimate.messagesPerSecond).toBe(Math.floor(measured.acksPerSecond / 2))
    expect(readdirSync(folder)).toEqual([])
  })

  it('shows how it goes, and Ctrl-C ends it with its server and its folder', async () => {
    const program = startProgram(['bench', '--data', folder, '--seconds', '30'])
    await program.printed(/signing up|opening sessions|as fast as it goes/)
    program.child.kill('SIGINT')
    const { code, err } = await program.ended
    expect([code, readdirSync(folder)]).toEqual([1, []])
    expect(err).toMatch(/interrupted|aborted/)
  })

  it('takes the disk of a data folder that is not there yet, and does not make that', async () => {
    const program = startProgram(['bench', '--data', join(folder, 'not/yet'), '--seconds', '30'])
    await program.printed(/signing up|opening sessions|as fast as it goes/)
    const during = readdirSync(folder)
    program.child.kill('SIGINT')
    await program.ended
    expect(during).toEqual([expect.stringMatching(/^\.nexo-bench-/)])
    expect(existsSync(join(folder, 'not'))).toBe(false)
  })

  it.each([
    [['bench', '--second', '2'], /no option --second; did you mean --seconds\?/],
    [['bench', '--storage', 'memory:'], /no option --storage/],
    [['bench', '--seconds', '1'], /a whole number from 2 to 30 is expected, not "1"/],
    [['bench', '--seconds', '2.5'], /a whole number from 2 to 30/],
    [['bench', '--json=yes'], /--json takes no value/],
  ])('refuses %j', async (args, words) => {
    const { code, out, err } = await runHere(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(words)
  })
})

const measured: Measured = {
  ...{ fsyncBeforeMs: 0.1, fsyncAfterMs: 0.1, calmPerSecond: 500, calmP50Ms: 1, calmP99Ms: 5 },
  ...{ acksPerSecond: 100, deliveriesPerSecond: 20_000, members: 195, sessions: 400 },
  ...{ bytesPerSession: 10_000, messages: 1000, bytesPerMessage: 600, generatorCpu: 0.3 },
}

describe('the estimate', () => {
  it.each([
    ['messages', measured, 1e10, 3000],
    ['memory', measured, 1e7, 500],
    ['websocket.max_conn_num', { ...measured, acksPerSecond: 1e6 }, 1e10, 10_000],
  ] as const)('is ended by %s where that ends first', (bound, found, free, people) => {
    expect(estimateOf(found, free)).toMatchObject({ bound, peopleOnline: people })
  })

  it('is half of what was measured', () => {
    expect(estimateOf(measured, 1e10)).toMatchObject({
      messagesPerSecond: 50,
      groupMessagesPerSecond: 100,
      diskPerDayBytes: 3000 * 50 * 600,
    })
  })

  it('says what was not measured, and that the clients share the machine', () => {
    const unknown = { ...measured, bytesPerSession: null }
    const words = linesOf(describeMachine(), unknown, estimateOf(unknown, 1e10)).join('\n')
    expect(words).toContain("n/a bytes of the server's memory")
    expect(words).toContain('The clients ran on this machine as well')
    expect(words).toMatch(/people online at once +about 3,000/)
  })
})
