import { describe, expect, it } from 'vitest'
import { createPace, createShare } from './pace.ts'

const enough = 100

function setUp() {
  const clock = { ms: 0 }
  const pace = createPace(() => clock.ms, enough)
  const done = (count: number, took: number): void => {
    clock.ms += took
    pace.done(count)
  }
  pace.begin()
  return { pace, done }
}

describe('the pace of a queue', () => {
  it('lets in who would wait for half a second, and nobody behind him', () => {
    const { pace, done } = setUp()
    for (let i = 0; i < 10; i++) done(100, 50)
    expect(pace.isTooMany(1000)).toBe(false)
    expect(pace.isTooMany(1001)).toBe(true)
  })

  it('refuses nobody while so few wait that they go together, however slow it is', () => {
    const { pace, done } = setUp()
    done(1, 10_000)
    expect(pace.isTooMany(enough)).toBe(false)
    expect(pace.isTooMany(enough + 1)).toBe(true)
  })

  it('refuses nobody by what was measured for an instant only', () => {
    const { pace, done } = setUp()
    done(1, 200)
    expect(pace.isTooMany(100_000)).toBe(false)
  })

  it('forgets with the queue how slow it was', () => {
    const { pace, done } = setUp()
    done(1, 10_000)
    pace.begin()
    expect(pace.isTooMany(100_000)).toBe(false)
  })

  it('follows what grows slower', () => {
    const { pace, done } = setUp()
    for (let i = 0; i < 10; i++) done(100, 50)
    for (let i = 0; i < 10; i++) done(100, 500)
    expect(pace.isTooMany(150)).toBe(true)
  })
})

describe('the share of a writer', () => {
  it('is a turn for each batch while turns are short, and as long as the others had when they are long', async () => {
    let ms = 0
    let turns = 0
    let turnTime = 1
    const clock = {
      soon: (run: () => void) => {
        turns += 1
        ms += turnTime
        run()
      },
    }
    const share = createShare(clock, () => ms)
    const batch = async (): Promise<void> => {
      share.begin()
      ms += 10
      await share.done()
    }
    for (let i = 0; i < 4; i++) await batch()
    expect(turns).toBe(4)
    turnTime = 100
    await batch()
    expect(turns).toBe(5)
    for (let i = 0; i < 9; i++) await batch()
    expect(turns).toBe(5)
    await batch()
    expect(turns).toBe(6)
  })
})
