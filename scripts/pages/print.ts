import { benchmarksPage } from './benchmarks.ts'
import { drawingsOf } from './plots.ts'
import { reliabilityPage } from './reliability.ts'
import type { Results } from './results.ts'

/** Every file that follows from the results, by its path from the root of the repository. */
export function printPages(results: Results): Map<string, string> {
  const drawings = drawingsOf(results).filter(({ points }) => points > 0)
  return new Map([
    ['docs/benchmarks.md', benchmarksPage(results)],
    ['docs/reliability.md', reliabilityPage(results)],
    ...drawings.map(({ name, svg }) => [`docs/plots/${name}.svg`, svg] as const),
  ])
}
