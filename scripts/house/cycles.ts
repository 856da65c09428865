import { type Doors, importsOf, readDoors, readTree, type Tree } from './imports.ts'

/** File → the files it imports; doors lead to the file behind them. */
function graphOf(tree: Tree, doors: Doors): Map<string, string[]> {
  const graph = new Map<string, string[]>()
  for (const [file, source] of tree) {
    const targets = importsOf(file, source, doors).map(({ target }) =>
      'path' in target ? target.path : undefined,
    )
    graph.set(file, targets.filter((target) => target !== undefined && tree.has(target)) as string[])
  }
  return graph
}

/** The shortest way from `start` back to itself, or undefined when there is none. */
function wayBack(start: string, graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return trace(file, start, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, file)
      queue.push(next)
    }
  }
  return undefined
}

function trace(last: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [last]
  while (way[0] !== start) way.unshift(cameFrom.get(way[0] ?? start) ?? start)
  return way
}

/** Every import cycle, once, as the files on its shortest way round; type-only imports count. */
export function cycles(tree: Tree, doors: Doors): string[][] {
  const graph = graphOf(tree, doors)
  const found = new Map<string, string[]>()
  for (const file of graph.keys()) {
    const way = wayBack(file, graph)
    const key = way?.toSorted().join('\n')
    if (way !== undefined && key !== undefined && !found.has(key)) found.set(key, way)
  }
  return [...found.values()]
}

if (import.meta.main) {
  const root = `${import.meta.dirname}/../..`
  const found = cycles(readTree(root), readDoors(root))
  for (const way of found) console.log([...way, way[0]].join('\n  → '))
  process.exitCode = found.length === 0 ? 0 : 1
}
