import type { Cluster } from '../core/cluster/cluster.ts'
import type { Bus } from '../core/ports.ts'
import type { Distribution } from '../core/tally.ts'
import type { World } from '../core/world.ts'
import type { Loop } from './loop.ts'

/** Where figures are read, whenever somebody asks for them. */
export interface Sources {
  readonly world: World
  readonly cluster: Cluster | undefined
  readonly bus: Bus | undefined
  readonly loop: Loop
  /** As `/readyz` says it. */
  isReady(): Promise<boolean>
}

type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
  /** Of a histogram: which of its series this is. */
  readonly series?: 'bucket' | 'sum' | 'count'
}

/** One metric by its name, as data: the registry, the documentation and the tests of the dashboard read it. */
export interface Family {
  /** `im_<thing>_<unit>`; a counter ends in `_total`. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One sentence, in units. */
  readonly help: string
  /** Few values each, and never an id. */
  readonly labels: readonly string[]
  /** No sample where there is nothing to tell: a store without a server has no pool. */
  read(sources: Sources): readonly Sample[] | Promise<readonly Sample[]>
}

export const one = (value: number): Sample[] => [{ value }]

/** One sample for each value of a label. */
export function by(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}

/**
 * @param unit what one of the distribution's values is in the metric's unit: 0.001 shows milliseconds as seconds
 */
export function histogram({ bounds, counts, sum }: Distribution, unit = 1, labels: Labels = {}): Sample[] {
  let below = 0
  const buckets = [...counts].map((count, i): Sample => {
    below += count
    const bound = bounds[i]
    const le = bound === undefined ? '+Inf' : String(bound * unit)
    return { labels: { ...labels, le }, value: below, series: 'bucket' }
  })
  return [...buckets, { labels, value: sum * unit, series: 'sum' }, { labels, value: below, series: 'count' }]
}
