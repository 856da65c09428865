import { ImError, type Input } from '@nexo-im/protocol'
import type { Listener } from '../audiences.ts'
import type { Window } from '../conversations/windows.ts'
import type { Handlers, Result } from '../handler.ts'
import type { Caller, World } from '../world.ts'
import { type Sighting, sightings } from './sighting.ts'

/**
 * Who read what follows from one cursor per member, held in memory with the conversation's audience: no row per message
 * and member, and one walk over the members answers for any number of messages.
 */
interface Room {
  readonly users: ReadonlyMap<string, Listener>
  /** Whether a member keeps it from the asker. */
  readonly hides: (userId: string) => boolean
}

async function roomOf(world: World, { userId }: Caller, conversation: string): Promise<Room> {
  await world.router.prepare([conversation])
  const users = world.router.audiences.get(conversation)?.users ?? new Map<string, Listener>()
  await world.readPrivacy.prepare(users.keys())
  const friends = await friendsAmong(world, userId, users)
  return { users, hides: (id) => world.readPrivacy.hides(id, userId, friends) }
}

/** Of the members who let their friends alone see it, those who hold the asker as one. */
async function friendsAmong(
  world: World,
  askerId: string,
  users: ReadonlyMap<string, Listener>,
): Promise<ReadonlySet<string>> {
  // Friendship is mutual: the asker's own friends are few, the members may be a hundred thousand.
  const own = await world.store.list('relation', 'by_friend', [askerId, true])
  const near = own
    .map((r) => r.other_id)
    .filter((id) => users.has(id) && world.readPrivacy.asksFriendship(id))
  const theirs = await world.store.get(
    'relation',
    near.map((id) => [id, askerId]),
  )
  return new Set(near.filter((_, i) => theirs[i]?.is_friend))
}

interface Tally {
  read: number
  unread: number
  hidden: number
}

async function readCounts(
  world: World,
  caller: Caller,
  { conversation_id: conversation, seqs }: Input<'message.read_counts'>,
  window: Window,
): Promise<Result<'message.read_counts'>> {
  const asked = await sightings(world, caller.userId, conversation, window, seqs)
  if (asked.length < new Set(seqs).size) throw new ImError('message_not_found')
  const room = await roomOf(world, caller, conversation)
  const sorted = asked.map((s) => s.entry.seq).sort((a, b) => a - b)
  const tallies = tally(room, sorted)
  return asked.map(({ entry: { seq, sender_id } }) => {
    const { read, unread, hidden } = tallies[sorted.indexOf(seq)] ?? { read: 0, unread: 0, hidden: 0 }
    const count = { seq, read, unread, hidden }
    const own = classOf(room, sender_id, seq)
    if (own) count[own] -= 1
    return count
  })
}

/** How a member stands to a message; undefined for whoever may not see it. */
function classOf({ users, hides }: Room, userId: string, seq: number): keyof Tally | undefined {
  const listener = users.get(userId)
  if (!listener || listener.minSeq > seq) return undefined
  if (hides(userId)) return 'hidden'
  return listener.readSeq >= seq ? 'read' : 'unread'
}

/** All members, authors among them, per message; `seqs` ascend. */
function tally({ users, hides }: Room, seqs: readonly number[]): Tally[] {
  // Each member changes from one class to the next at most twice along the seqs: steps are noted and summed up after.
  const steps = { read: new Int32Array(seqs.length + 1), unread: new Int32Array(seqs.length + 1) }
  const hidden = new Int32Array(seqs.length + 1)
  const step = (counts: Int32Array, at: number, by: number): void => {
    counts[at] = (counts[at] ?? 0) + by
  }
  for (const [id, { minSeq, readSeq }] of users) {
    const from = countBelow(seqs, minSeq)
    if (from === seqs.length) continue
    if (hides(id)) {
      step(hidden, from, 1)
      continue
    }
    const until = Math.max(from, countBelow(seqs, readSeq + 1))
    step(steps.read, from, 1)
    step(steps.read, until, -1)
    step(steps.unread, until, 1)
  }
  const sum: Tally = { read: 0, unread: 0, hidden: 0 }
  return seqs.map((_, i) => {
    sum.read += steps.read[i] ?? 0
    sum.unread += steps.unread[i] ?? 0
    sum.hidden += hidden[i] ?? 0
    return { ...sum }
  })
}

/** How many of the ascending values are below the limit. */
function countBelow(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}

const pageLimit = 100

async function readers(
  world: World,
  caller: Caller,
  input: Input<'message.readers'>,
  { entry }: Sighting,
): Promise<Result<'message.readers'>> {
  const { conversation_id: conversation, seq, read = true, limit = pageLimit, cursor = '' } = input
  const room = await roomOf(world, caller, conversation)
  const wanted = read ? 'read' : 'unread'
  const found = smallest(room.users.keys(), limit + 1, (id) => {
    return id > cursor && id !== entry.sender_id && classOf(room, id, seq) === wanted
  })
  const list = found.slice(0, limit)
  const last = list.at(-1)
  return {
    list: list.map((user_id) => ({ user_id })),
    ...(found.length > limit && last !== undefined && { next_cursor: last }),
  }
}

/** The first ids in order that pass, without sorting all of them. */
function smallest(ids: Iterable<string>, count: number, passes: (id: string) => boolean): string[] {
  let found: string[] = []
  let bound: string | undefined
  for (const id of ids) {
    if ((bound !== undefined && id >= bound) || !passes(id)) continue
    found.push(id)
    if (found.length < 2 * count) continue
    found = found.sort().slice(0, count)
    bound = found.at(-1)
  }
  return found.sort().slice(0, count)
}

export const readerHandlers = {
  'message.read_counts': readCounts,
  'message.readers': readers,
} satisfies Partial<Handlers>
