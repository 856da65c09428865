import { describe, expect, it } from 'vitest'
import { manualClock } from '../testing/clock.ts'
import { createPatience } from './patience.ts'

const never = new Promise<never>(() => {})
const away = { kind: 'unavailable' }

describe('patience', () => {
  it('gives what comes in time, and what fails in time', async () => {
    const patience = createPatience(manualClock(), 5000)
    await expect(patience.wait(Promise.resolve(7))).resolves.toBe(7)
    await expect(patience.wait(Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  it('ends each wait when its own time is over, and none before', async () => {
    const clock = manualClock()
    const patience = createPatience(clock, 5000)
    const ended: string[] = []
    const wait = (name: string): Promise<unknown> =>
      expect(patience.wait(never).finally(() => ended.push(name))).rejects.toMatchObject(away)
    const first = wait('first')
    clock.advance(3000)
    const second = wait('second')
    clock.advance(1999)
    await new Promise(setImmediate)
    expect(ended).toEqual([])
    clock.advance(1)
    await first
    expect(ended).toEqual(['first'])
    clock.advance(3000)
    await second
    expect(ended).toEqual(['first', 'second'])
  })

  it('does not let what is settled end anything, and watches again after a rest', async () => {
    const clock = manualClock()
    const patience = createPatience(clock, 5000)
    await patience.wait(Promise.resolve())
    clock.advance(5000)
    const late = patience.wait(never)
    clock.advance(4999)
    clock.advance(1)
    await expect(late).rejects.toMatchObject(away)
  })

  it('counts from when it was asked for, whoever came first', async () => {
    const clock = manualClock()
    const patience = createPatience(clock, 5000)
    const asked = clock.now()
    clock.advance(4000)
    const ended: string[] = []
    const wait = (name: string, since?: number): Promise<unknown> =>
      expect(patience.wait(never, since).finally(() => ended.push(name))).rejects.toMatchObject(away)
    const late = wait('late')
    const early = wait('early', asked)
    clock.advance(1000)
    await early
    expect(ended).toEqual(['early'])
    clock.advance(4000)
    await late
  })

  it('waits for as long as it takes where the store never waits', async () => {
    const work = Promise.resolve(1)
    expect(createPatience(manualClock()).wait(work)).toBe(work)
  })
})
