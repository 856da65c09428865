import { ImError } from '@nexo-im/protocol'
import { needWindow, type Window } from '../conversations/windows.ts'
import type { Entry, Stored } from '../ports.ts'
import type { World } from '../world.ts'
import { asSeen } from './hindsight.ts'

/** A message somebody may look at, and the lock that whoever changes it must name. */
export interface Sighting {
  readonly window: Window
  readonly entry: Entry
  readonly touch: Stored<'touch'> | undefined
}

/** Throws 1007 without access to the conversation, 4001 for what is not there or outside the window. */
export async function proveMessage(
  world: World,
  userId: string,
  conversation: string,
  seq: number,
): Promise<Sighting> {
  const window = await needWindow(world, userId, conversation)
  const [found] = await sightings(world, userId, conversation, window, [seq])
  if (!found) throw new ImError('message_not_found')
  return found
}

/** Those of these messages that the user may see, in the order asked; the others are left out. */
export async function sightings(
  world: World,
  userId: string,
  conversation: string,
  window: Window,
  seqs: readonly number[],
): Promise<Sighting[]> {
  const inside = [...new Set(seqs)].filter((seq) => seq >= window.minSeq && seq <= window.maxSeq)
  // The locks first: whatever changes after that is refused by them.
  const touches = await world.store.get(
    'touch',
    inside.map((seq) => [conversation, seq]),
  )
  const [entries, hidden] = await Promise.all([
    Promise.all(inside.map(async (seq) => (await world.store.read(conversation, seq, seq, 1))[0])),
    window.view?.hidden_count
      ? world.store.get(
          'hidden',
          inside.map((seq) => [userId, conversation, seq]),
        )
      : [],
  ])
  const found = inside.flatMap((_, i) => {
    const entry = entries[i]
    return entry && !hidden[i] ? [{ entry, touch: touches[i] }] : []
  })
  const seen = await asSeen(
    world,
    window.view,
    found.map((f) => f.entry),
  )
  return found.map(({ entry, touch }, i) => ({ window, entry: seen[i] ?? entry, touch }))
}
