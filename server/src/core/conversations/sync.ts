import { ImError, type Input, memberStatus, parseConversationId, peerOf } from '@nexo-im/protocol'
import { outsideOf, shownApplication, shownGroup, shownMember } from '../groups/group-shapes.ts'
import type { Handlers } from '../handler.ts'
import { isGone } from '../messages/meta.ts'
import { shownPrivacy } from '../people/privacy.ts'
import { publicUser } from '../people/profiles.ts'
import { isSecret, relationsOf, shownRequest } from '../people/relation-shapes.ts'
import type { Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { detail, sketch } from './listing.ts'
import { shownNotice } from './notices.ts'
import type { Telling } from './telling.ts'
import { seesPosition, type View } from './windows.ts'

const pageLimit = 200

/** What moved in one account between two positions of the log: behind `from`, up to `to`. */
interface Span {
  readonly from: number
  readonly to: number
  /** Rows of one kind that are looked at at once. */
  readonly limit: number
  /** How far everything was looked at: rows that are not shown count too, or they would hide those behind them. */
  seen: number
}

/** Notes how far these rows reach, where there may be more of them. */
function looked<R extends { readonly position: number }>(span: Span, rows: readonly R[]): readonly R[] {
  const last = rows.at(-1)
  if (rows.length >= span.limit && last) span.seen = Math.min(span.seen, last.position)
  return rows
}

/**
 * Every later change of the account since a position, once. Records carry the position of their last change, so what
 * moved is found where it is kept: nothing is written per member or device, and a device that was away for a year
 * gets each thing once, as it stands now (M-07, M-08).
 */
async function changes(
  world: World,
  caller: Caller,
  input: Input<'sync.changes'>,
): Promise<{ position: string; has_more: boolean; changes: Telling[] }> {
  // Taken before anything is read: what commits meanwhile stands behind it and comes next time.
  const to = await world.store.position()
  if (input.position === undefined) return { position: String(to), has_more: false, changes: [] }
  const limit = input.limit ?? pageLimit
  const span: Span = { from: readPosition(input.position, to), to, limit: limit + 1, seen: to }
  const found = (
    await Promise.all([
      ofConversations(world, caller.userId, span),
      ofAccount(world, caller.userId, span),
      ofRelations(world, caller.userId, span),
    ])
  )
    .flat()
    .filter((c) => c.position <= span.seen)
    .sort((a, b) => a.position - b.position)
  // What one commit changed together stays together.
  const end = found.length > limit ? (found[limit - 1]?.position ?? span.seen) : span.seen
  return {
    position: String(end),
    has_more: end < to,
    changes: found.filter((c) => c.position <= end),
  }
}

function readPosition(text: string, newest: number): number {
  const from = /^\d{1,16}$/.test(text) ? Number(text) : -1
  if (from < 0 || from > newest)
    throw new ImError('invalid_parameter', { detail: 'position: none of this server, load anew' })
  return from
}

const within = ({ from, to }: Span, position: number): boolean => position > from && position <= to

async function ofConversations(world: World, userId: string, span: Span): Promise<Telling[]> {
  const views = await world.store.list('view', 'by_user', [userId])
  const ids = views.map((v) => v.conversation_id)
  const [heads, pulses, peers] = await Promise.all([
    world.writer.heads(ids),
    world.store.get(
      'pulse',
      ids.map((id) => [id]),
    ),
    peerViews(world, userId, ids),
  ])
  const moved: { view: View; position: number }[] = []
  const stirred: View[] = []
  for (const [i, view] of views.entries()) {
    const head = heads[i]
    const beat = pulses[i]?.position ?? 0
    // A message, what became of one, a notice: each may show in the list, as far as the view goes.
    const seen = [head?.id ?? 0, beat].filter((position) => seesPosition(view, position))
    const marks = [view.position, peers[i]?.position ?? 0, ...seen]
    const position = Math.max(...marks.filter((m) => within(span, m)), 0)
    if (position > 0) moved.push({ view, position })
    if (beat > span.from) stirred.push(view)
  }
  const sketches = await sketch(
    world,
    moved.map((m) => m.view),
    true,
  )
  const listed = await detail(world, userId, sketches, true)
  const lists = await Promise.all([
    ...stirred.map((view) => insideOf(world, userId, view, span)),
    ...moved.map(({ view }) => hiddenIn(world, view, span)),
  ])
  return [
    ...listed.map((conversation, i) => ({ position: moved[i]?.position ?? 0, conversation })),
    ...lists.flat(),
  ]
}

async function peerViews(
  world: World,
  userId: string,
  ids: readonly string[],
): Promise<(Stored<'view'> | undefined)[]> {
  const keys = ids.map((id) => {
    const ref = parseConversationId(id)
    return [id, ref?.type === 'single' ? peerOf(ref.users, userId) : '']
  })
  return world.store.get('view', keys)
}

/** Messages that changed and notices of one conversation, as far as its viewer may know of them. */
async function insideOf(world: World, userId: string, view: View, span: Span): Promise<Telling[]> {
  const { conversation_id: id } = view
  const page = { after: [span.from], limit: span.limit }
  const [touches, notices] = await Promise.all([
    world.store.list('touch', 'by_change', [id], page),
    world.store.list('notice', 'by_conversation', [id], page),
  ])
  const visible = looked(span, touches).filter(
    (t) => t.position <= span.to && t.seq >= view.min_seq && (view.max_seq === null || t.seq <= view.max_seq),
  )
  const messages = await Promise.all(
    (await notHidden(world, view, visible)).map(async ({ seq, position }) => {
      const [message] = await world.store.read(id, seq, seq, 1)
      // Who left hears only that something is gone: their devices must let go of it too.
      const isTheirs = message && (seesPosition(view, position) || isGone(message))
      return isTheirs ? [{ position, message }] : []
    }),
  )
  const told = looked(span, notices).filter((n) => n.position <= span.to && seesPosition(view, n.position))
  const lastTold = told.at(-1)
  return [
    ...messages.flat(),
    ...told.map((n) => ({ position: n.position, notice: shownNotice(n) })),
    ...(lastTold ? await groupBehind(world, userId, id, lastTold.position) : []),
  ]
}

/** What the viewer deleted for themselves stays gone, whatever happens to it for the others. */
async function notHidden(
  world: World,
  view: View,
  touches: readonly Stored<'touch'>[],
): Promise<readonly Stored<'touch'>[]> {
  if (view.hidden_count === 0 || touches.length === 0) return touches
  const rows = await world.store.get(
    'hidden',
    touches.map((t) => [view.user_id, t.conversation_id, t.seq]),
  )
  return touches.filter((_, i) => !rows[i])
}

/** Notices tell that a group moved; with the last of them comes what it is now, and the own place in it. */
async function groupBehind(
  world: World,
  userId: string,
  conversation: string,
  position: number,
): Promise<Telling[]> {
  const ref = parseConversationId(conversation)
  if (ref?.type !== 'group') return []
  const [[group], [size], [member]] = await Promise.all([
    world.store.get('group', [[ref.groupId]]),
    world.store.get('group_size', [[ref.groupId]]),
    world.store.get('member', [[ref.groupId, userId]]),
  ])
  const shown = group && shownGroup(group, size?.members ?? 0)
  // Whoever left sees the group as it is now like anybody outside: not at all when it is private.
  const isInside = member?.status === memberStatus.normal
  const visible = shown && (isInside ? shown : group.is_private ? undefined : outsideOf(shown))
  return [
    ...(visible ? [{ position, group: visible }] : []),
    ...(member ? [{ position, member: shownMember(member) }] : []),
  ]
}

async function hiddenIn(world: World, view: View, span: Span): Promise<Telling[]> {
  if (view.hidden_count === 0) return []
  const { user_id: userId, conversation_id: id } = view
  const rows = await world.store.list('hidden', 'by_change', [userId, id], { after: [span.from] })
  const inside = rows.filter((r) => within(span, r.position))
  const last = inside.at(-1)
  if (!last) return []
  return [{ position: last.position, hidden: { conversation_id: id, seqs: inside.map((r) => r.seq) } }]
}

async function ofAccount(world: World, userId: string, span: Span): Promise<Telling[]> {
  const [[user], [privacy]] = await Promise.all([
    world.store.get('user', [[userId]]),
    world.store.get('privacy', [[userId]]),
  ])
  return [
    ...(user && within(span, user.position)
      ? [{ position: user.position, profile: publicUser(user, world.clock) }]
      : []),
    ...(privacy && within(span, privacy.position)
      ? [{ position: privacy.position, privacy: shownPrivacy(privacy) }]
      : []),
  ]
}

async function ofRelations(world: World, userId: string, span: Span): Promise<Telling[]> {
  const page = { after: [span.from], limit: span.limit }
  const [relations, incoming, outgoing, applications] = await Promise.all([
    world.store.list('relation', 'by_change', [userId], page),
    world.store.list('friend_request', 'changed_to', [userId], page),
    world.store.list('friend_request', 'changed_from', [userId], page),
    world.store.list('application', 'by_change', [userId], page),
  ])
  const known = looked(span, relations).filter((r) => r.position <= span.to)
  const shown = await relationsOf(world, known)
  return [
    ...shown.map((relation, i) => ({ position: known[i]?.position ?? 0, relation })),
    ...[...looked(span, incoming), ...looked(span, outgoing)]
      .filter((r) => r.position <= span.to && !isSecret(r, userId))
      .map((r) => ({ position: r.position, friend_request: shownRequest(r, userId) })),
    ...looked(span, applications)
      .filter((a) => a.position <= span.to)
      .map((a) => ({ position: a.position, application: shownApplication(a) })),
  ]
}

export const syncHandlers = { 'sync.changes': changes } satisfies Partial<Handlers>
