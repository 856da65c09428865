import {
  type Conversation,
  compareIds,
  type EventData,
  ImError,
  type Input,
  parseConversationId,
  peerOf,
  type ReadState,
  sessionType,
} from '@nexo-im/protocol'
import type { Entry } from './ports.ts'
import { findWindow, unread, type View, type Window, windowOf } from './windows.ts'
import type { Caller, World } from './world.ts'

/** A conversation whose last message is still as stored; the door shows it in its own view. */
export type Listed = Omit<Conversation, 'last_message'> & { last_message?: Entry }

export type ConversationPage = {
  list: Listed[]
  has_more: boolean
  next_cursor?: { updated_at: number; conversation_id: string }
}

function listed(view: View, window: Window, last: Entry | undefined, userId: string): Listed {
  const ref = parseConversationId(view.conversation_id)
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
    updated_at: Math.max(view.touched_at, last?.send_at ?? 0),
    ...(last && { last_message: last }),
  }
}

/** The newest message inside the window; for a window closed below the head it is not the head. */
async function lastVisible(
  world: World,
  view: View,
  window: Window,
  head: Entry | undefined,
): Promise<Entry | undefined> {
  if (!head || window.maxSeq < window.minSeq) return undefined
  if (head.seq === window.maxSeq) return head
  const [entry] = await world.store.read(view.conversation_id, window.maxSeq, window.maxSeq, 1)
  return entry
}

/** All own conversations, latest first, ties by id descending. */
async function loadAll(world: World, userId: string): Promise<Listed[]> {
  const views = await world.store.list('view', 'by_user', [userId])
  const heads = await world.store.heads(views.map((v) => v.conversation_id))
  const all = await Promise.all(
    views.map(async (view, i) => {
      const window = windowOf(view, heads[i])
      return listed(view, window, await lastVisible(world, view, window, heads[i]), userId)
    }),
  )
  return all.sort(later)
}

type Position = Pick<Listed, 'updated_at' | 'conversation_id'>

function later(a: Position, b: Position): number {
  return b.updated_at - a.updated_at || compareIds(b.conversation_id, a.conversation_id)
}

function withoutLast({ last_message: _, ...rest }: Listed): Listed {
  return rest
}

export async function list(
  world: World,
  caller: Caller,
  input: Input<'conversation.list'>,
): Promise<Listed[] | ConversationPage> {
  const {
    limit,
    cursor_updated_at: at,
    cursor_conversation_id: id,
    with_last_message: withLast = false,
  } = input
  if ((at === undefined) !== (id === undefined)) {
    throw new ImError('invalid_parameter', { detail: 'a cursor has two fields' })
  }
  const all = (await loadAll(world, caller.userId)).map((c) => (withLast ? c : withoutLast(c)))
  if (limit === undefined && at === undefined && !input.paged) {
    return input.pinned_first
      ? all.sort((a, b) => Number(b.is_pinned) - Number(a.is_pinned) || later(a, b))
      : all
  }
  const cursor = at === undefined || id === undefined ? undefined : { updated_at: at, conversation_id: id }
  const rest = cursor ? all.filter((c) => later(cursor, c) < 0) : all
  const count = limit || 20
  const page = rest.slice(0, count)
  const last = page.at(-1)
  if (rest.length <= count || !last) return { list: page, has_more: false }
  const next_cursor = { updated_at: last.updated_at, conversation_id: last.conversation_id }
  return { list: page, has_more: true, next_cursor }
}

export async function all(world: World, caller: Caller, input: Input<'conversation.all'>): Promise<Listed[]> {
  const found = await loadAll(world, caller.userId)
  return input.with_last_message ? found : found.map(withoutLast)
}

async function needView(world: World, caller: Caller, conversation: string): Promise<View> {
  const [view] = await world.store.get('view', [[conversation, caller.userId]])
  if (!view) throw new ImError('conversation_not_found')
  return view
}

export async function info(world: World, caller: Caller, input: Input<'conversation.info'>): Promise<Listed> {
  const view = await needView(world, caller, input.conversation_id)
  const [head] = await world.store.heads([input.conversation_id])
  const window = windowOf(view, head)
  return withoutLast(listed(view, window, await lastVisible(world, view, window, head), caller.userId))
}

/** Without a field only touches `updated_at`. */
export async function update(
  world: World,
  caller: Caller,
  input: Input<'conversation.update'>,
): Promise<null> {
  const { conversation_id: conversation } = input
  for (;;) {
    const { version, ...row } = await needView(world, caller, conversation)
    const next = {
      ...row,
      recv_msg_opt: input.recv_msg_opt ?? row.recv_msg_opt,
      is_pinned: input.is_pinned ?? row.is_pinned,
      touched_at: world.clock.now(),
    }
    const verdict = await world.writer.offer({
      build: () => ({
        expect: [{ kind: 'view', key: [conversation, caller.userId], version }],
        put: [{ kind: 'view', row: next }],
      }),
      kept: () => {
        if (row.max_seq === null) world.router.setMember(conversation, caller.userId, next.recv_msg_opt)
      },
    })
    if ('refusal' in verdict) continue
    world.router.tellUsers(
      [caller.userId],
      'conversation_changed',
      { conversation_id: conversation },
      caller.session,
    )
    return null
  }
}

/** Only ever raises, and clamps to what is visible: a huge value would hide later unread (deviation 14). */
export async function markRead(
  world: World,
  caller: Caller,
  input: Input<'conversation.mark_read'>,
  window: Window,
): Promise<null> {
  const { conversation_id: conversation, read_seq: asked } = input
  const readSeq = Math.min(asked, window.maxSeq)
  if (!window.view || readSeq <= window.readSeq) return null
  const key = [conversation, caller.userId]
  await world.writer.offer({ build: () => ({ raise: [{ kind: 'view', key, to: { read_seq: readSeq } }] }) })
  const now: EventData<'conversation_read'> = {
    conversation_id: conversation,
    read_seq: readSeq,
    unread_count: unread({ ...window, readSeq }),
  }
  world.router.tellUsers([caller.userId], 'conversation_read', now, caller.session)
  return null
}

export function readState(window: Window): ReadState {
  return { max_seq: window.maxSeq, read_seq: window.readSeq, unread_count: unread(window) }
}

export async function unreadCount(
  world: World,
  caller: Caller,
  input: Input<'conversation.unread_count'>,
  window: Window | undefined,
): Promise<{ unread_count: number }> {
  const { read_seq: readSeq = 0 } = input
  if (!window) {
    const found = await loadAll(world, caller.userId)
    return { unread_count: found.reduce((sum, c) => sum + c.unread_count, 0) }
  }
  return { unread_count: unread(readSeq > 0 ? { ...window, readSeq } : window) }
}

/** 0 where the caller has no access; never an error for one of many. */
export async function newestSeqs(
  world: World,
  caller: Caller,
  conversations: readonly string[],
): Promise<{ seqs: Record<string, number> }> {
  const unique = [...new Set(conversations)]
  const windows = await Promise.all(unique.map((c) => findWindow(world, caller.userId, c)))
  return { seqs: Object.fromEntries(unique.map((c, i) => [c, windows[i]?.maxSeq ?? 0])) }
}
