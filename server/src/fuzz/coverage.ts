import { type Profiler, Session } from 'node:inspector'

/** What of the watched sources has run, as the engine counts it. */
export interface Coverage {
  /** Whether anything ran since the last look that never ran before; `keep` = and remembers it. */
  isNew(keep: boolean): boolean
  /** Characters of the sources that have run so far. */
  readonly size: number
  close(): void
}

/** @param isWatched by the script's URL */
export function openCoverage(isWatched: (url: string) => boolean): Coverage {
  const session = new Session()
  session.connect()
  const post = (method: string, params: object = {}): unknown => {
    // The inspector of one's own thread answers at once.
    let answer: unknown
    session.post(method, params, (error, result) => {
      if (error) throw error
      answer = result
    })
    return answer
  }
  post('Profiler.enable')
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const seen = new Map<string, Uint8Array>()
  let size = 0
  return {
    isNew: (keep) => {
      const { result } = post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType
      let isNew = false
      for (const { scriptId, url, functions } of result) {
        if (!isWatched(url)) continue
        for (const { ranges } of functions) {
          const { startOffset = 0, endOffset = 0, count = 0 } = ranges[0] ?? {}
          if (count === 0) continue
          const key = `${scriptId}:${startOffset}`
          const known = seen.get(key) ?? new Uint8Array(endOffset - startOffset)
          const more = fresh(known, hasRun(ranges), keep)
          isNew ||= more > 0
          if (!keep) continue
          size += more
          seen.set(key, known)
        }
      }
      return isNew
    },
    get size() {
      return size
    },
    close: () => session.disconnect(),
  }
}

/** Ranges lie inside each other, the inner ones last; how they are cut depends on the counts, so characters are compared. */
function hasRun(ranges: readonly Profiler.CoverageRange[]): Uint8Array {
  const { startOffset: from = 0, endOffset: to = 0 } = ranges[0] ?? {}
  const run = new Uint8Array(to - from)
  for (const { startOffset, endOffset, count } of ranges)
    run.fill(Math.min(count, 1), startOffset - from, endOffset - from)
  return run
}

/** How many characters ran that were not known to. */
function fresh(known: Uint8Array, run: Uint8Array, keep: boolean): number {
  let more = 0
  for (let i = 0; i < run.length; i++) {
    if (run[i] === 0 || known[i] === 1) continue
    more += 1
    if (keep) known[i] = 1
  }
  return more
}
