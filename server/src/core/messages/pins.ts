import { ImError, type Input, roles } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { noticePuts } from '../conversations/notices.ts'
import type { Window } from '../conversations/windows.ts'
import type { Handlers } from '../handler.ts'
import type { Entry, Put } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { isGone, printMeta, readMeta } from './meta.ts'
import { freshStanding, onStanding, rewrite } from './rewriting.ts'
import { type Sighting, sightings } from './sighting.ts'
import type { Standing } from './standings.ts'

/**
 * A right to write, looked up anew, that reaches to what concerns everybody: in a group for admins only, in a single
 * chat for either side.
 */
export async function needAuthority(world: World, userId: string, conversation: string): Promise<Standing> {
  const standing = await freshStanding(world, userId, conversation)
  if (standing.groupId !== '' && standing.role < roles.admin) throw new ImError('not_admin')
  return standing
}

async function setPinned(
  world: World,
  { userId }: Caller,
  { entry, touch }: Sighting,
  isPinned: boolean,
): Promise<null> {
  const standing = await needAuthority(world, userId, entry.conversation_id)
  if (isGone(entry)) throw new ImError('message_gone')
  if ((readMeta(entry).pinned !== undefined) === isPinned) return null
  if (isPinned) needRoom(world.rules.caps, 'pins', standing.settings.pins)
  const { conversation_id, seq } = entry
  const now = world.clock.now()
  const pinned = isPinned ? { by: userId, at: now } : undefined
  const settings = { ...standing.settings, pins: standing.settings.pins + (isPinned ? 1 : -1) }
  const telling = {
    conversation: conversation_id,
    kind: isPinned ? 'message_pinned' : 'message_unpinned',
    actor: userId,
    data: { seq },
  } as const
  await onStanding(world, userId, standing, () =>
    rewrite(world, {
      conversation: conversation_id,
      rewrites: [{ entry: { ...entry, meta: printMeta({ ...readMeta(entry), pinned }) }, touch }],
      // With the conversation's settings among them, so that pins are counted one after the other.
      expect: standing.expect,
      put: (place): Put[] => [
        { kind: 'conversation', row: settings },
        ...(pinned ? [{ kind: 'pin', row: { conversation_id, seq, ...pinned } } as const] : []),
        ...noticePuts(telling, place, now),
      ],
      ...(!isPinned && { remove: [{ kind: 'pin', key: [conversation_id, seq] }] }),
    }),
  )
  return null
}

async function pins(
  world: World,
  { userId }: Caller,
  { conversation_id: conversation }: Input<'message.pins'>,
  window: Window,
): Promise<Entry[]> {
  const rows = await world.store.list('pin', 'by_conversation', [conversation])
  const seen = await sightings(
    world,
    userId,
    conversation,
    window,
    rows.map((r) => r.seq),
  )
  return seen.map((s) => s.entry)
}

export const pinHandlers = {
  'message.pin': (world, caller, _, sighting) => setPinned(world, caller, sighting, true),
  'message.unpin': (world, caller, _, sighting) => setPinned(world, caller, sighting, false),
  'message.pins': pins,
} satisfies Partial<Handlers>
