import type { SentColumns } from '../../load/plan.ts'
import type { ReadBack } from '../../scenarios/read-back.ts'

/** A message as an archive gives it back. */
export interface Archived {
  /** -1 = not one of our numbers. */
  readonly n: number
  /** Index of the sender; -1 = nobody of ours. */
  readonly sender: number
  readonly text: string
}

export interface ArchiveJudge {
  /** In the order of the archive; `place` is the conversation it stood in. */
  see(message: Archived, place: number): void
  verdict(): ReadBack
}

/** What counts is what the archive says of the acks: all there, once, whole, and each sender's in the order of sending. */
export function archiveJudge(sent: SentColumns, text: string): ArchiveJudge {
  const seen = new Uint8Array(sent.client.length)
  /** By conversation and sender. */
  const last = new Map<string, number>()
  const found = { stored: 0, duplicates: 0, outOfOrder: 0, invented: 0 }
  return {
    see: ({ n, sender, text: stored }, place) => {
      found.stored += 1
      if (n < 0 || n >= seen.length || sent.client[n] !== sender) found.invented += 1
      else if (seen[n] === 1) found.duplicates += 1
      else if (stored === text) {
        // With another text it stays unseen, and so counts as missing.
        seen[n] = 1
        const key = `${place} ${sender}`
        if (n < (last.get(key) ?? -1)) found.outOfOrder += 1
        last.set(key, n)
      }
    },
    verdict: () => {
      let missing = 0
      for (let n = 0; n < seen.length; n++) if (sent.seq[n] !== 0 && seen[n] === 0) missing += 1
      return { ...found, missing }
    },
  }
}
