import type { Clock } from '../ports.ts'
import type { Word } from './words.ts'

/** What a commit wants done, here or on another node. */
export interface Batch {
  readonly from: number
  readonly to: number
  readonly words: readonly Word[]
}

export interface SequenceParts {
  readonly clock: Clock
  /** Loads what the words need; undefined when it is there. */
  prepare(words: readonly Word[]): Promise<void> | undefined
  play(batch: Batch): void
  /** Batches went missing: whatever is remembered may be wrong. */
  lost(): void
}

/** Plays batches of all nodes in the order of the log, whatever order they arrive in. */
export interface Sequence {
  add(batch: Batch): void
  /** Everything up to here is played, or known to be lost. */
  readonly played: number
  /** What has not come up to this position will not come any more. */
  skipTo(position: number): void
}

/** How long a batch waits for those before it, ms: they are on the way, unless they are lost. */
const patience = 300

export function createSequence(start: number, parts: SequenceParts): Sequence {
  const waiting = new Map<number, Batch>()
  let played = start
  let isBusy = false
  let disarm: (() => void) | undefined

  function add(batch: Batch): void {
    if (batch.to <= played) return
    waiting.set(batch.from, batch)
    drain()
  }

  function drain(): void {
    while (!isBusy) {
      const next = waiting.get(played + 1)
      if (!next) break
      waiting.delete(next.from)
      const loading = parts.prepare(next.words)
      if (loading === undefined) play(next)
      else {
        isBusy = true
        const go = (): void => {
          isBusy = false
          play(next)
          drain()
        }
        // Whom it concerns could not be looked up: they are told to look for themselves.
        loading.then(go, () => {
          go()
          parts.lost()
        })
      }
    }
    watch()
  }

  function play(batch: Batch): void {
    if (batch.to <= played) return
    played = batch.to
    parts.play(batch)
  }

  /** Somebody waits for what is missing. */
  function watch(): void {
    const isMissing = waiting.size > 0 && !isBusy
    if (!isMissing) {
      disarm?.()
      disarm = undefined
    } else disarm ??= parts.clock.after(patience, giveUp)
  }

  function giveUp(): void {
    disarm = undefined
    const first = Math.min(...waiting.keys())
    if (waiting.size > 0 && first > played + 1) skipTo(first - 1)
  }

  function skipTo(position: number): void {
    if (position <= played) return
    played = position
    for (const [from, { to }] of waiting) if (to <= position) waiting.delete(from)
    parts.lost()
    drain()
  }

  return {
    add,
    get played() {
      return played
    },
    skipTo,
  }
}
