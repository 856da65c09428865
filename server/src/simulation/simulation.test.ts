import { describe, expect, it } from 'vitest'
import { simulate } from './run.ts'

/** One seed to be played again, or how many there are; as a rule a few, in so much time at most. */
const replayed = process.env['NEXO_SIM_SEED']
const asked = process.env['NEXO_SIM_SEEDS']
const count = Number(asked ?? 1000)
const timeBoxMs = asked === undefined ? 50_000 : Number.POSITIVE_INFINITY

describe('nodes over one store, with everything going wrong', { timeout: 86_400_000 }, () => {
  it('keep every promise, whatever the seed', async () => {
    const from = replayed === undefined ? 1 : Number(replayed)
    const to = replayed === undefined ? count : from
    const until = performance.now() + timeBoxMs
    let acked = 0
    let deaths = 0
    let seed = from
    for (; seed <= to && performance.now() < until; seed++) {
      const run = await simulate(seed)
      acked += run.acked
      deaths += run.deaths
      expect(run.faults, `NEXO_SIM_SEED=${seed} plays this again`).toEqual([])
    }
    process.stderr.write(`simulation: ${seed - from} seeds, ${acked} messages acked, ${deaths} nodes died\n`)
    expect(acked).toBeGreaterThan((seed - from) * 10)
  })
})
