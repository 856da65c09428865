import { type Conversation, mentionAll, parseConversationId, peerOf, sessionType } from '@nexo-im/protocol'
import { asSeen } from '../messages/hindsight.ts'
import { seesReadState } from '../people/privacy.ts'
import type { Entry, Stored } from '../ports.ts'
import type { World } from '../world.ts'
import { unread, type View, type Window, windowOf } from './windows.ts'

/** A conversation whose last message is still as stored; the door shows it in its own view. */
export type Listed = Omit<Conversation, 'last_message'> & { last_message?: Entry }

/** One row of somebody's list before its details are looked up: enough to sort and cut it. */
export interface Sketch {
  readonly view: View
  readonly window: Window
  readonly updatedAt: number
}

/** Sketches of these views; a conversation hidden by its owner and silent since is left out unless asked for. */
export async function sketch(world: World, views: readonly View[], withHidden: boolean): Promise<Sketch[]> {
  const heads = await world.writer.heads(views.map((v) => v.conversation_id))
  const found = await Promise.all(
    views.map(async (view, i) => {
      const head = heads[i]
      const window = windowOf(view, head)
      if (!withHidden && isHidden(view, window)) return undefined
      return {
        view,
        window,
        updatedAt: Math.max(view.touched_at, await lastSentAt(world, view, window, head)),
      }
    }),
  )
  return found.filter((s) => s !== undefined)
}

function isHidden(view: View, window: Window): boolean {
  return view.hidden_at >= 0 && window.maxSeq <= view.hidden_at
}

/** When the newest visible message was sent; for a window closed below the head that is not the head. */
async function lastSentAt(
  world: World,
  view: View,
  { minSeq, maxSeq }: Window,
  head: { readonly seq: number; readonly send_at: number } | undefined,
): Promise<number> {
  if (!head || maxSeq < minSeq) return 0
  if (head.seq === maxSeq) return head.send_at
  const [entry] = await world.store.read(view.conversation_id, maxSeq, maxSeq, 1)
  return entry?.send_at ?? 0
}

/** Sketches as they are shown, in the same order. */
export async function detail(
  world: World,
  userId: string,
  sketches: readonly Sketch[],
  withLast: boolean,
): Promise<Listed[]> {
  const ids = sketches.map((s) => s.view.conversation_id)
  const [settings, peers, lasts] = await Promise.all([
    world.store.get(
      'conversation',
      ids.map((id) => [id]),
    ),
    peerCursors(world, userId, ids),
    withLast ? lastMessages(world, sketches) : [],
  ])
  return Promise.all(
    sketches.map(async (s, i) => {
      const shared = settings[i]
      const mentions = await mentionSeqs(world, s.view, s.window, shared)
      return shown(userId, s, {
        ...(lasts[i] && { last: lasts[i] }),
        ...(peers[i] && { peer: peers[i] }),
        mentions,
        // Who left is no longer told what the others agree on.
        expireAfter: s.view.max_seq === null ? (shared?.expire_after ?? 0) : 0,
      })
    }),
  )
}

interface Details {
  readonly last?: Entry
  readonly peer?: { readonly read: number; readonly delivered: number }
  readonly mentions: readonly number[]
  /** Milliseconds. */
  readonly expireAfter: number
}

function shown(userId: string, { view, window, updatedAt }: Sketch, details: Details): Listed {
  const ref = parseConversationId(view.conversation_id)
  const { last, peer, mentions, expireAfter } = details
  return {
    conversation_id: view.conversation_id,
    conversation_type: ref?.type === 'group' ? sessionType.group : sessionType.single,
    peer_user_id: ref?.type === 'single' ? peerOf(ref.users, userId) : '',
    group_id: ref?.type === 'group' ? ref.groupId : '',
    recv_msg_opt: view.recv_msg_opt,
    is_pinned: view.is_pinned,
    unread_count: unread(window),
    max_seq: window.maxSeq,
    read_seq: Math.max(window.readSeq, window.minSeq - 1),
    min_seq: window.minSeq,
    updated_at: updatedAt,
    ...(mentions.length > 0 && { mention_count: mentions.length, mention_seq: mentions[0] ?? 0 }),
    ...(view.draft !== '' && { draft: view.draft, draft_at: view.draft_at }),
    ...(view.marked_unread && { is_marked_unread: true }),
    ...(isHidden(view, window) && { is_hidden: true }),
    ...(expireAfter > 0 && { expire_after: Math.round(expireAfter / 1000) }),
    ...(peer && { peer_read_seq: peer.read, peer_delivered_seq: peer.delivered }),
    ...(last && { last_message: last }),
  }
}

async function lastMessages(world: World, sketches: readonly Sketch[]): Promise<(Entry | undefined)[]> {
  const heads = await world.store.heads(sketches.map((s) => s.view.conversation_id))
  return Promise.all(
    sketches.map(async ({ view, window: { minSeq, maxSeq } }, i) => {
      const head = heads[i]
      if (!head || maxSeq < minSeq) return undefined
      const isHead = head.seq === maxSeq
      const found = isHead ? [head] : await world.store.read(view.conversation_id, maxSeq, maxSeq, 1)
      return (await asSeen(world, view, found))[0]
    }),
  )
}

/** How far the other sides of single chats have read and received; undefined in groups and where they keep it private. */
async function peerCursors(
  world: World,
  userId: string,
  ids: readonly string[],
): Promise<({ read: number; delivered: number } | undefined)[]> {
  const peers = ids.map((id) => {
    const ref = parseConversationId(id)
    return ref?.type === 'single' ? peerOf(ref.users, userId) : undefined
  })
  const singles = ids.flatMap((id, i) => (peers[i] === undefined ? [] : [{ id, peer: peers[i], at: i }]))
  const views = await world.store.get(
    'view',
    singles.map(({ id, peer }) => [id, peer]),
  )
  const open = await seesReadState(
    world,
    userId,
    singles.map((s) => s.peer),
  )
  const found: ({ read: number; delivered: number } | undefined)[] = ids.map(() => undefined)
  for (const [i, { at }] of singles.entries()) {
    const view = views[i]
    if (view) found[at] = { read: open[i] ? view.read_seq : 0, delivered: view.delivered_seq }
  }
  return found
}

const mentionLimit = 100

/** Unread messages that mention the viewer or everybody, by seq; at most a hundred are counted. */
export async function mentionSeqs(
  world: World,
  view: View,
  window: Window,
  settings: Stored<'conversation'> | undefined,
): Promise<number[]> {
  // Nobody waits for an answer of who left.
  if (view.max_seq !== null) return []
  const from = Math.max(window.readSeq, window.minSeq - 1)
  const newest = Math.max(view.mention_seq, settings?.mention_all_seq ?? 0)
  if (newest <= from || unread(window) === 0) return []
  const page = { after: [from], limit: mentionLimit }
  const rows = await Promise.all(
    [view.user_id, mentionAll].map((id) =>
      // The primary key is the index along which mentions of one user lie.
      world.store.list('mention', 'by_user', [view.conversation_id, id], page),
    ),
  )
  const seqs = rows.flat().map((row) => row.seq)
  return [...new Set(seqs)].filter((seq) => seq <= window.maxSeq).sort((a, b) => a - b)
}

/** One conversation of one user as it stands now; undefined when they have no view of it. */
export async function listOne(
  world: World,
  userId: string,
  conversation: string,
  withLast = false,
): Promise<Listed | undefined> {
  const [view] = await world.store.get('view', [[conversation, userId]])
  if (!view) return undefined
  const [listed] = await detail(world, userId, await sketch(world, [view], true), withLast)
  return listed
}
