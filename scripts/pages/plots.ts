import { typicalOf, type Variant, variantsOf } from './groups.ts'
import { type Plot, type Series, svgOf, wordsOf } from './plot.ts'
import type { Results, ScenarioLine } from './results.ts'

/** A plot that the benchmarks' page shows, or would show if there were anything to draw. */
export interface Drawing {
  readonly name: string
  readonly title: string
  /** The text alternative: every point in words. */
  readonly says: string
  readonly points: number
  /** What must be measured for it. */
  readonly needs: string
  readonly svg: string
}

/** Path of a drawing, seen from a page in `docs/`. */
export function drawnAt({ name }: Drawing): string {
  return `plots/${name}.svg`
}

type Point = readonly [series: string, x: number, y: number | null | undefined]

interface Sketch extends Omit<Plot, 'series'> {
  readonly name: string
  readonly needs: string
  pointsOf(line: ScenarioLine): readonly Point[]
}

const sketches: readonly Sketch[] = [
  {
    name: 'latency-by-rate',
    title: 'Delivery latency against rate',
    x: 'messages a second',
    y: 'delivery, ms',
    needs: '`npm run bench -- send-open`',
    pointsOf: (line) =>
      'calls' in line || line.scenario !== 'send-open' || line.offeredPerSecond === null
        ? []
        : [
            [`${placeOf(line)}, p50`, line.offeredPerSecond, line.p50Ms],
            [`${placeOf(line)}, p99`, line.offeredPerSecond, line.p99Ms],
          ],
  },
  {
    name: 'fanout-by-members',
    title: 'Deliveries against group size',
    x: 'members online',
    y: 'deliveries a second',
    needs: '`npm run bench -- fanout --members N` with some sizes',
    pointsOf: (line) =>
      'calls' in line || line.scenario !== 'fanout'
        ? []
        : [[`${placeOf(line)}, ${line.inFlight} in flight`, line.clients, line.deliveriesPerSecond]],
  },
  {
    name: 'last-member-by-members',
    title: 'Time to the last member against group size',
    x: 'members online',
    y: 'to the last member, ms',
    needs: '`npm run bench -- fanout-open --members N` with some sizes, `fanout-10k`',
    pointsOf: (line) =>
      'calls' in line || !['fanout-open', 'fanout-10k'].includes(line.scenario)
        ? []
        : [
            [
              `${placeOf(line)}, ${line.offeredPerSecond} messages/s, p50`,
              line.clients,
              line.lastMemberP50Ms,
            ],
            [
              `${placeOf(line)}, ${line.offeredPerSecond} messages/s, p99`,
              line.clients,
              line.lastMemberP99Ms,
            ],
          ],
  },
  {
    name: 'memory-by-sessions',
    title: 'Memory against sessions',
    x: 'signed-in sessions',
    y: 'RSS of the server, MiB',
    needs: '`npm run bench -- idle --sessions N` with some numbers',
    pointsOf: (line) =>
      'calls' in line || line.scenario !== 'idle'
        ? []
        : [[placeOf(line), line.clients, line.rssBytes === null ? null : line.rssBytes / 2 ** 20]],
  },
  {
    name: 'cost-by-messages',
    title: 'Cost against stored messages',
    x: 'stored messages',
    y: 'median, ms',
    needs: '`npm run bench -- history restart --messages N` with some numbers',
    pointsOf: (line) =>
      'calls' in line && ['history', 'restart'].includes(line.scenario)
        ? line.calls.map(({ name, p50Ms }) => [
            `${placeOf(line)}, ${name}`,
            line.size['messages'] ?? 0,
            p50Ms,
          ])
        : [],
  },
]

function placeOf({ store, nodes }: ScenarioLine): string {
  return nodes > 1 ? `${store}, ${nodes} nodes` : store
}

export function drawingsOf({ scenarios }: Results): Drawing[] {
  const variants = variantsOf(scenarios)
  return sketches.map(({ name, needs, pointsOf, ...plot }) => {
    const series = seriesOf(variants, pointsOf)
    const whole = { ...plot, series }
    return {
      name,
      title: plot.title,
      says: wordsOf(whole),
      points: series.reduce((sum, { points }) => sum + points.length, 0),
      needs,
      svg: series.length === 0 ? '' : svgOf(whole),
    }
  })
}

/** Of several runs at one place the one that was measured last. */
function seriesOf(variants: readonly Variant[], pointsOf: Sketch['pointsOf']): Series[] {
  const found = new Map<string, Map<number, number>>()
  const lines = variants.flatMap((variant) => typicalOf(variant) ?? [])
  for (const line of lines.toSorted((a, b) => a.environment.date.localeCompare(b.environment.date))) {
    for (const [name, x, y] of pointsOf(line)) {
      if (y === null || y === undefined || x <= 0) continue
      const points = found.get(name) ?? new Map<number, number>()
      found.set(name, points.set(x, y))
    }
  }
  return [...found]
    .map(([name, points]) => ({ name, points: [...points].toSorted(([a], [b]) => a - b) }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}
