import { ImError, type Input } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import type { Handlers, Result } from '../handler.ts'
import type { Caller, World } from '../world.ts'
import { isGone, printMeta, readMeta } from './meta.ts'
import { onStanding, rewrite } from './rewriting.ts'
import type { Sighting } from './sighting.ts'
import type { Standing } from './standings.ts'

type Counts = Readonly<Record<string, number>>

/** Asked for twice it happens once; the counts stand with the message, so that pages of it cost nothing more. */
async function react(
  world: World,
  caller: Caller,
  { conversation_id, seq, emoji, remove = false }: Input<'message.react'>,
  { entry, touch, standing }: Sighting & { readonly standing: Standing },
): Promise<null> {
  if (isGone(entry)) throw new ImError('message_gone')
  const own = await world.store.list('reaction', 'by_user', [caller.userId, conversation_id, seq])
  if (own.some((r) => r.emoji === emoji) !== remove) return null
  const meta = readMeta(entry)
  const counts = meta.reactions ?? {}
  if (!remove) {
    needRoom(world.rules.caps, 'reactionsPerUser', own.length)
    if (!Object.hasOwn(counts, emoji)) needRoom(world.rules.caps, 'reactionKinds', Object.keys(counts).length)
  }
  const reactions = counted(counts, emoji, remove ? -1 : 1)
  const reacted = { ...entry, meta: printMeta({ ...meta, reactions }) }
  const key = [conversation_id, seq, caller.userId, emoji]
  const row = { conversation_id, seq, user_id: caller.userId, emoji, at: world.clock.now() }
  await onStanding(world, caller.userId, standing, () =>
    rewrite(world, {
      conversation: conversation_id,
      rewrites: [{ entry: reacted, touch }],
      expect: standing.expect,
      ...(remove ? { remove: [{ kind: 'reaction', key }] } : { put: () => [{ kind: 'reaction', row }] }),
    }),
  )
  return null
}

/** Undefined when none is left. A short word may be called like a member of Object.prototype. */
function counted(counts: Counts, emoji: string, by: number): Counts | undefined {
  const all = new Map(Object.entries(counts))
  all.set(emoji, (all.get(emoji) ?? 0) + by)
  const left = [...all].filter(([, count]) => count > 0)
  return left.length === 0 ? undefined : Object.fromEntries(left)
}

const pageLimit = 100

async function reactions(
  world: World,
  { conversation_id, seq, limit = pageLimit, cursor }: Input<'message.reactions'>,
  { entry }: Sighting,
): Promise<Result<'message.reactions'>> {
  if (isGone(entry)) throw new ImError('message_gone')
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const rows = await world.store.list('reaction', 'by_message', [conversation_id, seq], {
    limit: limit + 1,
    ...(after && { after }),
  })
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    list: page.map(({ user_id, emoji, at }) => ({ user_id, emoji, at })),
    ...(rows.length > limit && last && { next_cursor: `${last.user_id}:${last.emoji}` }),
  }
}

/** User ids hold no colon. */
function readCursor(cursor: string): readonly [string, string] {
  const colon = cursor.indexOf(':')
  if (colon < 1) throw new ImError('invalid_parameter', { detail: 'cursor: none of this list' })
  return [cursor.slice(0, colon), cursor.slice(colon + 1)]
}

export const reactionHandlers = {
  'message.react': react,
  'message.reactions': (world, _, input, sighting) => reactions(world, input, sighting),
} satisfies Partial<Handlers>
