import type { Change as ChangeOnWire } from '@nexo-im/protocol'
import type { Change, WithEntries } from '../ports.ts'
import type { Session } from '../session.ts'
import type { World } from '../world.ts'
import type { Place } from '../writer.ts'
import { toldNotice } from './notices.ts'

/** One later state of something, as it is told to devices and handed out by `sync.changes`. */
export type Telling = WithEntries<ChangeOnWire>

/** To every device of these users, but the one that did it. */
export function tellUsers(
  world: World,
  userIds: Iterable<string>,
  changes: readonly Telling[],
  except?: Session,
): void {
  if (changes.length > 0) world.router.tellUsers(userIds, 'changed', { changes: [...changes] }, except)
}

/** The notice that a kept change brought, to everybody in its conversation; for use in `kept`, where it is in order. */
export function tellNotice(
  world: World,
  conversation: string,
  change: Change,
  { position }: Place,
  beside: readonly Omit<Telling, 'position'>[] = [],
): void {
  const notice = toldNotice(change.put)
  if (!notice) return
  const changes = [{ position, notice }, ...beside.map((b) => ({ position, ...b }))]
  world.router.tellAudience(conversation, 'changed', { changes })
}
