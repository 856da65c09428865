import type { Event, Sighting } from '../checker/history.ts'
import { buildWorld, difference, finalRecords, okAcks, placeOf } from '../checker/world.ts'
import { ApiError, openApi } from '../http.ts'
import type { ChaosUser } from './setup.ts'
import { sightingOf } from './socket.ts'

/** What a store that was put aside must hold, by the histories. */
export interface Truth {
  /** By place: every message as all readers had it in the end. */
  readonly records: ReadonlyMap<string, Sighting>
  /** Of each conversation: the last seq that was acked before the store was put aside. */
  readonly acked: ReadonlyMap<string, number>
}

/** @param at microseconds of the host's monotonic clock */
export function truthAt(events: readonly Event[], at: number): Truth {
  const world = buildWorld(events)
  const acked = new Map<string, number>()
  for (const message of world.messages.values()) {
    for (const ack of okAcks(message)) {
      const { conversation_id, seq } = ack.told
      if (ack.at < at) acked.set(conversation_id, Math.max(seq, acked.get(conversation_id) ?? 0))
    }
  }
  return { records: finalRecords(world), acked }
}

export type Finding =
  | { readonly verdict: 'whole' | 'refused' }
  /** `missing` = right as far as it goes, but acked messages at the end are not there. */
  | { readonly verdict: 'missing'; readonly words: string; readonly count: number }
  | { readonly verdict: 'wrong'; readonly words: string }

/** Reads every conversation from this server and compares it with the truth. */
export async function compareWith(truth: Truth, url: string, users: readonly ChaosUser[]): Promise<Finding> {
  const api = openApi(url)
  let isRefused = false
  let count = 0
  let words = ''
  try {
    const readers = new Map(users.flatMap((user) => user.talks.map(({ id }) => [id, user] as const)))
    for (const [conversation, { token }] of readers) {
      let last = 0
      try {
        for (;;) {
          const page = await api.pull(token, conversation, last + 1)
          for (const message of page.messages) {
            const fault = faultOf(truth, sightingOf(message), last)
            if (fault !== undefined) return { verdict: 'wrong', words: `${conversation}: ${fault}` }
            last = message.seq
          }
          if (page.messages.length === 0 || last >= page.max_seq) break
        }
      } catch (error) {
        // An explicit refusal is an honest answer; a dead server is none, but nobody is told anything untrue either.
        if (!(error instanceof ApiError) && !isNetwork(error)) throw error
        isRefused = true
        continue
      }
      const acked = truth.acked.get(conversation) ?? 0
      count += Math.max(0, acked - last)
      if (last < acked) words = `${conversation} ends at ${last}, acked up to ${acked}`
    }
  } finally {
    api.close()
  }
  if (isRefused) return { verdict: 'refused' }
  return count > 0 ? { verdict: 'missing', words, count } : { verdict: 'whole' }
}

function faultOf({ records }: Truth, found: Sighting, last: number): string | undefined {
  if (found.seq !== last + 1) return `${found.seq} follows ${last}`
  const record = records.get(placeOf(found))
  if (record === undefined) return `seq ${found.seq} was never stored`
  const differs = difference(found, record)
  return differs === undefined ? undefined : `seq ${found.seq}: ${differs}`
}

function isNetwork(error: unknown): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(String((error as NodeJS.ErrnoException).code))
}
