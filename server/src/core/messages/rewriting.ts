import { Conflict, keep } from '../conflict.ts'
import { pulse } from '../conversations/notices.ts'
import { tellNotice } from '../conversations/telling.ts'
import type { Amend, Change, Entry, Expectation, Put, Stored } from '../ports.ts'
import type { Key, Kind } from '../tables.ts'
import type { World } from '../world.ts'
import type { Place } from '../writer.ts'
import type { Standing } from './standings.ts'

/** A stored message as it shall be from now on; only body, meta and salt may differ. */
export interface Rewrite {
  readonly entry: Entry
  /** The message's lock as it was when the rewrite was judged. */
  readonly touch: Stored<'touch'> | undefined
}

export interface Rewriting {
  readonly conversation: string
  readonly rewrites: readonly Rewrite[]
  /** What else it rests on and brings about, all or nothing. */
  readonly expect?: readonly Expectation[]
  readonly put?: (place: Place) => readonly Put[]
  readonly remove?: readonly { readonly kind: Kind; readonly key: Key }[]
}

/**
 * The one way to change stored messages: edits, recalls, reactions, pins, expiry. Their touch records say when they
 * changed, for devices that catch up; those who listen are told them as they are now. Throws Conflict when a message
 * or a condition moved meanwhile.
 */
export async function rewrite(world: World, { conversation, rewrites, ...rest }: Rewriting): Promise<void> {
  const { expect = [], put, remove = [] } = rest
  await keep(world, {
    conversation,
    build: (place) => ({
      expect: [...rewrites.map(lockOf), ...expect],
      amend: rewrites.map(({ entry }) => amendOf(entry)),
      put: [
        ...rewrites.map(({ entry }): Put => {
          const { conversation_id, seq } = entry
          return { kind: 'touch', row: { conversation_id, seq, position: place.position } }
        }),
        pulse(conversation, place.position),
        ...(put?.(place) ?? []),
      ],
      ...(remove.length > 0 && { remove }),
    }),
    kept: (change, place) => tell(world, conversation, rewrites, change, place),
  })
}

function tell(
  world: World,
  conversation: string,
  rewrites: readonly Rewrite[],
  change: Change,
  place: Place,
): void {
  for (const { entry } of rewrites) {
    const changes = [{ position: place.position, message: entry }]
    // One by one: who came later may not hear of the older ones.
    world.router.tellAudience(conversation, 'changed', { changes }, { about: entry.seq })
  }
  tellNotice(world, conversation, change, place)
}

function lockOf({ entry, touch }: Rewrite): Expectation {
  return { kind: 'touch', key: [entry.conversation_id, entry.seq], version: touch?.version ?? 0 }
}

function amendOf({ conversation_id, seq, body, meta, salt }: Entry): Amend {
  return { conversation_id, seq, body, meta, salt }
}

/** Does what rests on a remembered standing: one that turns out stale is forgotten, so that it is looked up anew. */
export async function onStanding<T>(
  world: World,
  userId: string,
  { conversation }: Standing,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Conflict) world.standings.forget(userId, conversation)
    throw error
  }
}

/**
 * The caller's right to write, looked up anew: what is refused, or left undone, on the strength of a remembered one would
 * never be judged by a commit.
 */
export function freshStanding(world: World, userId: string, conversation: string): Promise<Standing> {
  world.standings.forget(userId, conversation)
  return world.standings.need(userId, conversation)
}
