import { chanceOf } from '../simulation/chance.ts'
import { type Coverage, openCoverage } from './coverage.ts'
import { mutated } from './mutation.ts'

/** What reads bytes from outside, and what it promises about each. */
export interface Target {
  readonly name: string
  /** Inputs to begin with: what is meant to be read. */
  readonly seeds: readonly (string | Buffer)[]
  /** Words of the trade, put in anywhere. */
  readonly words: readonly string[]
  /** Throws, or rejects, when a promise is broken; a clear refusal is none. */
  run(input: Buffer): void | Promise<void>
}

export interface HuntWish {
  readonly seed: number
  /** Inputs at most. */
  readonly count: number
  readonly milliseconds?: number
  readonly isWatched: (url: string) => boolean
}

export interface Hunt {
  readonly inputs: number
  /** Of the sources, that have run. */
  readonly characters: number
  /** Inputs that found a new one. */
  readonly kept: number
  readonly slowestMs: number
  readonly failure: { readonly input: Buffer; readonly error: unknown } | undefined
}

/** An input that takes longer than this could be sent by anybody, again and again. */
const slowMs = 1000
/** A look at the counters costs as much as many small inputs. */
const atOnce = 32
const newest = 4

/**
 * Guided by coverage: an input that goes a new way is kept, and changed further. The engine's own counting is used, so
 * that every package on the way is seen as well, and nothing is instrumented.
 */
export async function hunt(target: Target, wish: HuntWish): Promise<Hunt> {
  const chance = chanceOf(wish.seed)
  const coverage: Coverage = openCoverage(wish.isWatched)
  const kept: Buffer[] = target.seeds.map((seed) => Buffer.from(seed as string))
  const end = performance.now() + (wish.milliseconds ?? Number.POSITIVE_INFINITY)
  let [inputs, slowestMs] = [0, 0]
  const result = (failure?: Hunt['failure']): Hunt => {
    const { size: characters } = coverage
    coverage.close()
    return { inputs, characters, kept: kept.length, slowestMs: Math.round(slowestMs), failure }
  }
  const attempt = async (input: Buffer): Promise<Hunt['failure']> => {
    inputs += 1
    const began = performance.now()
    try {
      await target.run(input)
    } catch (error) {
      return { input, error }
    }
    const ms = performance.now() - began
    slowestMs = Math.max(slowestMs, ms)
    return ms < slowMs ? undefined : { input, error: new Error(`it took ${Math.round(ms)} ms`) }
  }
  for (const seed of [...kept]) {
    const failure = await attempt(seed)
    if (failure) return result(failure)
    coverage.isNew(true)
  }
  while (inputs < wish.count && performance.now() < end) {
    // The newest ways are the least explored.
    const from = chance.is(0.5) ? kept.slice(-newest) : kept
    const some = Array.from({ length: Math.min(atOnce, wish.count - inputs) }, () =>
      mutated(chance, chance.one(from), chance.one(kept), target.words),
    )
    for (const input of some) {
      const failure = await attempt(input)
      if (failure) return result(failure)
    }
    if (!coverage.isNew(false)) continue
    // One of them went somewhere new: which one, a second look at each tells.
    for (const input of some) {
      await target.run(input)
      if (coverage.isNew(true)) kept.push(input)
    }
  }
  return result()
}
