import { type Conversation, mentionAll, parseConversationId, peerOf, sessionType } from '@nexo-im/protocol'
import { asSeen, seesAsStored } from '../messages/hindsight.ts'
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
  const rows = views
    .map((view, i) => ({ view, window: windowOf(view, heads[i]), head: heads[i] }))
    .filter(({ view, window }) => withHidden || !isHidden(view, window))
  const sentAt = await eachOrAsk(
    rows,
    ({ window, head }) => sentAtOfHead(window, head),
    ({ view, window }) => lastSentAt(world, view, window.maxSeq),
  )
  return rows.map(({ view, window }, i) => ({
    view,
    window,
    updatedAt: Math.max(view.touched_at, sentAt[i] ?? 0),
  }))
}

/**
 * What is known at once is taken at once, the others are asked for together: nearly all of a long list need no promise of
 * their own.
 */
async function eachOrAsk<T, R>(
  rows: readonly T[],
  know: (row: T, i: number) => R | undefined,
  ask: (row: T, i: number) => Promise<R>,
): Promise<R[]> {
  const found = rows.map(know)
  const asked: Promise<void>[] = []
  for (const [i, row] of rows.entries()) {
    if (found[i] !== undefined) continue
    asked.push(
      ask(row, i).then((answer) => {
        found[i] = answer
      }),
    )
  }
  if (asked.length > 0) await Promise.all(asked)
  return found as R[]
}

function isHidden(view: View, window: Window): boolean {
  return view.hidden_at >= 0 && window.maxSeq <= view.hidden_at
}

/** When the newest visible message was sent; undefined where a window closed below the head: that is not the head. */
function sentAtOfHead(
  { minSeq, maxSeq }: Window,
  head: { readonly seq: number; readonly send_at: number } | undefined,
): number | undefined {
  if (!head || maxSeq < minSeq) return 0
  return head.seq === maxSeq ? head.send_at : undefined
}

async function lastSentAt(world: World, view: View, maxSeq: number): Promise<number> {
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
  const mentions = await eachOrAsk(
    sketches,
    ({ view, window }, i) => (unreadMentions(view, window, settings[i]) ? undefined : none),
    ({ view, window }, i) => mentionSeqs(world, view, window, settings[i]),
  )
  return sketches.map((s, i) =>
    shown(userId, s, {
      last: lasts[i],
      peer: peers[i],
      mentions: mentions[i] ?? none,
      // Who left is no longer told what the others agree on.
      expireAfter: s.view.max_seq === null ? (settings[i]?.expire_after ?? 0) : 0,
    }),
  )
}

const none: readonly number[] = []

interface Details {
  readonly last: Entry | undefined
  readonly peer: { readonly read: number; readonly delivered: number } | undefined
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
  const lasts = await eachOrAsk<Sketch, readonly Entry[]>(
    sketches,
    ({ view, window: { minSeq, maxSeq } }, i) => {
      const head = heads[i]
      if (!head || maxSeq < minSeq) return []
      return head.seq === maxSeq && seesAsStored(view) ? [head] : undefined
    },
    async ({ view, window: { maxSeq } }, i) => {
      const head = heads[i]
      const found =
        head?.seq === maxSeq ? [head] : await world.store.read(view.conversation_id, maxSeq, maxSeq, 1)
      return asSeen(world, view, found)
    },
  )
  return lasts.map(([last]) => last)
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

const readUpTo = ({ readSeq, minSeq }: Window): number => Math.max(readSeq, minSeq - 1)

/** Whether the list has to look closer. */
function unreadMentions(view: View, window: Window, settings: Stored<'conversation'> | undefined): boolean {
  // Nobody waits for an answer of who left.
  if (view.max_seq !== null) return false
  const newest = Math.max(view.mention_seq, settings?.mention_all_seq ?? 0)
  return newest > readUpTo(window) && unread(window) > 0
}

/** Unread messages that mention the viewer or everybody, by seq; at most a hundred are counted. */
export async function mentionSeqs(
  world: World,
  view: View,
  window: Window,
  settings: Stored<'conversation'> | undefined,
): Promise<number[]> {
  if (!unreadMentions(view, window, settings)) return []
  const page = { after: [readUpTo(window)], limit: mentionLimit }
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
