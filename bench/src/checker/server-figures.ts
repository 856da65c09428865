import type { Server } from './side-history.ts'
import type { World } from './world.ts'

/** One server before and after. */
export interface Watched {
  readonly node: number
  readonly begin: Server['result']
  readonly end: Server['result']
}

export function watchedServers(world: World): Watched[] {
  return world.servers.flatMap(({ args, result }) => {
    if (args.when !== 'begin') return []
    const end = world.servers.find((one) => one.args.when === 'end' && one.args.node === args.node)
    return end === undefined ? [] : [{ node: args.node, begin: result, end: end.result }]
  })
}

/** How much a counter rose, all series with these labels together. */
export function risen({ begin, end }: Watched, name: string, labels: readonly string[] = []): number {
  return sumOf(end.figures ?? {}, name, labels) - sumOf(begin.figures ?? {}, name, labels)
}

/** @param labels as they are written: `code="1007"` */
export function sumOf(
  figures: Readonly<Record<string, number>>,
  name: string,
  labels: readonly string[] = [],
): number {
  let sum = 0
  for (const [series, value] of Object.entries(figures)) {
    const isIt = series === name || series.startsWith(`${name}{`)
    if (isIt && labels.every((label) => series.includes(label))) sum += value
  }
  return sum
}
