import { ImError, type Input, parseConversationId, peerOf } from '@nexo-im/protocol'
import { shownApplication, shownGroup, shownMember } from './group-shapes.ts'
import type { Handlers } from './handler.ts'
import { detail, sketch } from './listing.ts'
import { shownNotice } from './notices.ts'
import type { Stored } from './ports.ts'
import { shownPrivacy } from './privacy.ts'
import { publicUser } from './profiles.ts'
import { isSecret, relationsOf, shownRequest } from './relation-shapes.ts'
import type { Telling } from './telling.ts'
import { seesPosition, type View } from './windows.ts'
import type { Caller, World } from './world.ts'

const pageLimit = 200

/** What moved in one account between two positions of the log: behind `from`, up to `to`. */
interface Span {
  readonly from: number
  readonly to: number
  /** Rows of one kind that are looked at: more than a page can hold are left for the next one. */
  readonly limit: number
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
  const to = world.writer.position()
  if (input.position === undefined) return { position: String(to), has_more: false, changes: [] }
  const limit = input.limit ?? pageLimit
  const span = { from: readPosition(input.position, to), to, limit: limit + 1 }
  const found = (
    await Promise.all([
      ofConversations(world, caller.userId, span),
      ofAccount(world, caller.userId, span),
      ofRelations(world, caller.userId, span),
    ])
  )
    .flat()
    .sort((a, b) => a.position - b.position)
  const last = found[limit - 1]
  if (found.length <= limit || !last) return { position: String(to), has_more: false, changes: found }
  // What one commit changed together stays together.
  const page = found.filter((c) => c.position <= last.position)
  return { position: String(last.position), has_more: page.length < found.length, changes: page }
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
    const isOpen = view.max_seq === null
    const marks = [view.position, isOpen ? (head?.id ?? 0) : 0, peers[i]?.position ?? 0]
    const position = Math.max(...marks.filter((m) => within(span, m)), 0)
    if (position > 0) moved.push({ view, position })
    if ((pulses[i]?.position ?? 0) > span.from) stirred.push(view)
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
  const seen = touches.filter(
    (t) =>
      t.position <= span.to &&
      seesPosition(view, t.position) &&
      t.seq >= view.min_seq &&
      (view.max_seq === null || t.seq <= view.max_seq),
  )
  const messages = await Promise.all(
    seen.map(async ({ seq, position }) => {
      const [message] = await world.store.read(id, seq, seq, 1)
      return message ? [{ position, message }] : []
    }),
  )
  const told = notices.filter((n) => n.position <= span.to && seesPosition(view, n.position))
  const lastTold = told.at(-1)
  return [
    ...messages.flat(),
    ...told.map((n) => ({ position: n.position, notice: shownNotice(n) })),
    ...(lastTold ? await groupBehind(world, userId, id, lastTold.position) : []),
  ]
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
  return [
    ...(group ? [{ position, group: shownGroup(group, size?.members ?? 0) }] : []),
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
  const known = relations.filter((r) => r.position <= span.to)
  const shown = await relationsOf(world, known)
  return [
    ...shown.map((relation, i) => ({ position: known[i]?.position ?? 0, relation })),
    ...[...incoming, ...outgoing]
      .filter((r) => r.position <= span.to && !isSecret(r, userId))
      .map((r) => ({ position: r.position, friend_request: shownRequest(r, userId) })),
    ...applications
      .filter((a) => a.position <= span.to)
      .map((a) => ({ position: a.position, application: shownApplication(a) })),
  ]
}

export const syncHandlers = { 'sync.changes': changes } satisfies Partial<Handlers>
