import type { Bus, Clock, Entry, Log, Store } from '../ports.ts'
import type { Tally } from '../tally.ts'
import { createSequence } from './sequence.ts'
import type { Saying, Word } from './words.ts'

/** Lets the other nodes do what this one does, each commit in its place in the log. */
export interface Relay {
  /**
   * Says a word to the other nodes. @returns true when it belongs to the batch being settled: it is then played here
   * too in its turn, and must not be played by the caller
   */
  tell(word: Word): boolean
  /** Settles a batch of this node: what is told meanwhile is played, here and elsewhere, in the order of the log. */
  settle(from: number, to: number, run: () => void): void
  /** Looks whether the log went on without this node hearing of it; about once a second. */
  check(): Promise<void>
  /** Says at once what would be said at the end of this turn. */
  flush(): void
  /** Begins to hear, with what others said since it was made. Once. */
  listen(): void
}

export interface RelayParts {
  readonly node: string
  readonly store: Store
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly tally: Tally
  /** Loads what the words need here; undefined when it is there. */
  prepare(words: readonly Word[]): Promise<void> | undefined
  /** A word's turn has come. @param isOwn told by this node, which did at once whatever needs no turn */
  play(word: Word, isOwn: boolean): void
  /** Whatever another node says: that it is there, and words that belong to no commit. */
  hear(saying: Saying): void
  /** Another node's batch stands. */
  follow(from: number, to: number, entries: readonly Entry[]): void
  /** Something went missing: whatever is remembered may be wrong. */
  lost(): void
}

/** One node alone: everything is done at once. */
export const alone: Relay = {
  tell: () => false,
  settle: (_from, _to, run) => run(),
  check: async () => undefined,
  flush: () => undefined,
  listen: () => undefined,
}

export async function createRelay(parts: RelayParts): Promise<Relay> {
  const { node, bus, clock, store, log } = parts
  // Own batches are followed by the writer itself.
  const own = new Set<number>()
  let collecting: Word[] | undefined
  let n = 0
  let seen: number | undefined

  // Heard from now on; what was committed before the position is asked for is in the store.
  const ear = openEar(bus, node)
  const sequence = createSequence(await store.position(), {
    clock,
    prepare: parts.prepare,
    play: ({ from, to, words }) => {
      const isOwn = own.delete(from)
      if (!isOwn) {
        parts.follow(
          from,
          to,
          words.flatMap((w) => (w.is === 'message' ? w.entry : [])),
        )
      }
      for (const word of words) parts.play(word, isOwn)
    },
    lost: parts.lost,
  })

  function say(saying: Omit<Saying, 'node' | 'n'>): void {
    n += 1
    // Numbered all the same: whoever hears the next one knows that something is missing.
    parts.tally.bus[bus.isUp ? 'said' : 'unsaid'] += 1
    if (bus.isUp) bus.publish(JSON.stringify({ node, n, ...saying }))
  }

  const loose = collectTurn(clock, (words) => say({ words }))

  return {
    tell: (word) => {
      if (collecting) {
        collecting.push(word)
        return true
      }
      loose.add(word)
      return false
    },
    settle: (from, to, run) => {
      collecting = []
      const words = collecting
      try {
        run()
      } finally {
        collecting = undefined
        say({ from, to, words })
        own.add(from)
        sequence.add({ from, to, words })
      }
    },
    check: async () => {
      const position = await store.position().catch(() => undefined)
      if (seen !== undefined && seen > sequence.played) {
        log.warn(
          { behind: seen - sequence.played },
          'other nodes wrote unheard: everything is looked up anew',
        )
        sequence.skipTo(seen)
      }
      seen = position
    },
    flush: loose.flush,
    listen: () =>
      ear.listen((saying) => {
        const { from, to, words } = saying
        if (from !== undefined && to !== undefined) sequence.add({ from, to, words })
        parts.hear(saying)
      }),
  }
}

/** Words that belong to no commit leave together at the end of a turn. */
function collectTurn(
  clock: Clock,
  say: (words: readonly Word[]) => void,
): { add(word: Word): void; flush(): void } {
  let words: Word[] = []
  let isScheduled = false
  function flush(): void {
    isScheduled = false
    const all = words
    words = []
    if (all.length > 0) say(all)
  }
  return {
    add: (word) => {
      words.push(word)
      if (isScheduled) return
      isScheduled = true
      clock.afterTurn(flush)
    },
    flush,
  }
}

/** Hears the other nodes; what they say before somebody listens waits. */
function openEar(bus: Bus, self: string): { listen(hear: (saying: Saying) => void): void } {
  const early: Saying[] = []
  let hear = (saying: Saying): void => void early.push(saying)
  bus.subscribe((text) => {
    const saying = JSON.parse(text) as Saying
    if (saying.node !== self) hear(saying)
  })
  return {
    listen: (listener) => {
      hear = listener
      for (const saying of early.splice(0)) hear(saying)
    },
  }
}
