export interface RunRules {
  /** Characters of one run; a longer item stands alone. */
  readonly limit: number
  /** Items of one run. */
  readonly atOnce?: number
}

/** The items in order, cut into runs that a server takes at once. */
export function inRuns<T>(
  items: readonly T[],
  lengthOf: (item: T) => number,
  { limit, atOnce = Number.POSITIVE_INFINITY }: RunRules,
): T[][] {
  const runs: T[][] = []
  let run: T[] = []
  let length = 0
  for (const item of items) {
    const more = lengthOf(item)
    if (run.length >= atOnce || (run.length > 0 && length + more > limit)) {
      runs.push(run)
      run = []
      length = 0
    }
    run.push(item)
    length += more
  }
  if (run.length > 0) runs.push(run)
  return runs
}
