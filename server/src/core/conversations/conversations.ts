import { compareIds, fitsBytes, ImError, type Input, type ReadState, receiveOption } from '@nexo-im/protocol'
import { listenerOf } from '../audiences.ts'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import type { Handlers } from '../handler.ts'
import { noteDelivered, tellReceipt } from '../messages/receipts.ts'
import type { Row } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import type { Place } from '../writer.ts'
import { detail, type Listed, listOne, mentionSeqs, type Sketch, sketch } from './listing.ts'
import { findWindow, unread, type View, type Window } from './windows.ts'

export type ConversationPage = {
  list: Listed[]
  has_more: boolean
  next_cursor?: { updated_at: number; conversation_id: string }
}

/** All own conversations, latest first, ties by id descending. */
async function sketchAll(world: World, userId: string): Promise<Sketch[]> {
  const views = await world.store.list('view', 'by_user', [userId])
  return (await sketch(world, views, false)).sort(later)
}

function later(a: Sketch, b: Sketch): number {
  return b.updatedAt - a.updatedAt || compareIds(b.view.conversation_id, a.view.conversation_id)
}

async function list(
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
  const all = await sketchAll(world, caller.userId)
  if (limit === undefined && at === undefined && !input.paged) {
    const sorted = input.pinned_first
      ? all.sort((a, b) => Number(b.view.is_pinned) - Number(a.view.is_pinned) || later(a, b))
      : all
    return detail(world, caller.userId, sorted, withLast)
  }
  const rest = at === undefined || id === undefined ? all : all.filter((s) => isBehind(s, at, id))
  const count = limit || 20
  const page = rest.slice(0, count)
  const found = await detail(world, caller.userId, page, withLast)
  const last = page.at(-1)
  if (rest.length <= count || !last) return { list: found, has_more: false }
  const next_cursor = { updated_at: last.updatedAt, conversation_id: last.view.conversation_id }
  return { list: found, has_more: true, next_cursor }
}

function isBehind({ updatedAt, view }: Sketch, at: number, id: string): boolean {
  return updatedAt < at || (updatedAt === at && compareIds(view.conversation_id, id) < 0)
}

async function all(world: World, caller: Caller, input: Input<'conversation.all'>): Promise<Listed[]> {
  return detail(world, caller.userId, await sketchAll(world, caller.userId), input.with_last_message ?? false)
}

async function needView(world: World, caller: Caller, conversation: string): Promise<View> {
  const [view] = await world.store.get('view', [[conversation, caller.userId]])
  if (!view) throw new ImError('conversation_not_found')
  return view
}

async function info(world: World, caller: Caller, input: Input<'conversation.info'>): Promise<Listed> {
  const found = await listOne(world, caller.userId, input.conversation_id)
  if (!found) throw new ImError('conversation_not_found')
  return found
}

/** Writes an own view anew and tells the own other devices. Throws Conflict when it moved meanwhile. */
async function putView(
  world: World,
  caller: Caller,
  view: View,
  next: (row: Row<'view'>, place: Place) => Row<'view'>,
): Promise<void> {
  const { version, ...row } = view
  const { conversation_id: conversation, user_id: userId } = row
  await keep(world, {
    conversation,
    build: (place) => ({
      expect: [{ kind: 'view', key: [conversation, userId], version }],
      put: [{ kind: 'view', row: { ...next(row, place), position: place.position } }],
    }),
    kept: (change) => {
      const put = change.put?.[0]
      if (put?.kind === 'view' && put.row.max_seq === null)
        world.router.setMember(conversation, userId, listenerOf(put.row))
    },
  })
  await tellView(world, caller, conversation)
}

/** The own conversation as it stands now, to the own other devices. */
export async function tellView(world: World, caller: Caller, conversation: string): Promise<void> {
  const [view] = await world.store.get('view', [[conversation, caller.userId]])
  const listed = await listOne(world, caller.userId, conversation)
  if (!view || !listed) return
  const changes = [{ position: view.position, conversation: listed }]
  world.router.tellUsers([caller.userId], 'changed', { changes }, caller.session)
}

/** Without a field only touches `updated_at`. */
async function update(world: World, caller: Caller, input: Input<'conversation.update'>): Promise<null> {
  const view = await needView(world, caller, input.conversation_id)
  await putView(world, caller, view, (row, { head }) => ({
    ...row,
    recv_msg_opt: input.recv_msg_opt ?? row.recv_msg_opt,
    is_pinned: input.is_pinned ?? row.is_pinned,
    marked_unread: input.is_marked_unread ?? row.marked_unread,
    hidden_at: input.is_hidden === undefined ? row.hidden_at : input.is_hidden ? head : -1,
    touched_at: world.clock.now(),
  }))
  return null
}

async function draft(world: World, caller: Caller, input: Input<'conversation.draft'>): Promise<null> {
  const { text = '' } = input
  if (!fitsBytes(text, 65_535))
    throw new ImError('invalid_parameter', { detail: 'text: more than 65,535 bytes' })
  const view = await needView(world, caller, input.conversation_id)
  if (text === view.draft) return null
  if (view.draft === '') {
    const views = await world.store.list('view', 'by_user', [caller.userId])
    needRoom(world.rules.caps, 'drafts', views.filter((v) => v.draft !== '').length)
  }
  const at = world.clock.now()
  await putView(world, caller, view, (row) => ({ ...row, draft: text, draft_at: text === '' ? 0 : at }))
  return null
}

/** The window opens anew behind everything there is: nothing before comes back, on no device. */
async function clear(world: World, caller: Caller, input: Input<'conversation.clear'>): Promise<null> {
  const view = await needView(world, caller, input.conversation_id)
  await putView(world, caller, view, (row, { head, position }) => {
    const end = row.max_seq === null ? head : Math.min(head, row.max_seq)
    return {
      ...row,
      min_seq: Math.max(row.min_seq, end + 1),
      read_seq: Math.max(row.read_seq, end),
      delivered_seq: Math.max(row.delivered_seq, end),
      draft: '',
      draft_at: 0,
      marked_unread: false,
      hidden_at: head,
      hidden_count: 0,
      // What was told up to now goes with the messages.
      from_position: position,
    }
  })
  return null
}

/** Only ever raises, and clamps to what is visible: a huge value would hide later unread (deviation 14). */
async function markRead(
  world: World,
  caller: Caller,
  input: Input<'conversation.mark_read'>,
  window: Window,
): Promise<null> {
  const { conversation_id: conversation, read_seq: asked } = input
  const readSeq = Math.min(asked, window.maxSeq)
  if (!window.view) return null
  if (window.view.marked_unread) {
    await putView(world, caller, window.view, (row) => ({
      ...row,
      marked_unread: false,
      read_seq: Math.max(row.read_seq, readSeq),
    }))
  } else if (readSeq <= window.readSeq) return null
  else {
    const key = [conversation, caller.userId]
    await keep(world, {
      conversation,
      build: ({ position }) => ({
        raise: [{ kind: 'view', key, to: { read_seq: readSeq, delivered_seq: readSeq, position } }],
      }),
      kept: () => {
        // What was read was received, whether its device acked it or not.
        noteDelivered(world, caller, conversation, readSeq)
        world.router.raise(conversation, caller.userId, { readSeq })
      },
    })
    await tellView(world, caller, conversation)
  }
  await tellReceipt(world, caller.userId, conversation, { read_seq: readSeq, delivered_seq: readSeq })
  return null
}

function readState(window: Window): ReadState {
  return { max_seq: window.maxSeq, read_seq: window.readSeq, unread_count: unread(window) }
}

async function unreadCount(
  world: World,
  caller: Caller,
  input: Input<'conversation.unread_count'>,
  window: Window | undefined,
): Promise<{ unread_count: number; notify_count?: number }> {
  const { read_seq: readSeq = 0 } = input
  if (window) return { unread_count: unread(readSeq > 0 ? { ...window, readSeq } : window) }
  const sum = (found: readonly Sketch[]): number => found.reduce((n, s) => n + unread(s.window), 0)
  const found = await sketchAll(world, caller.userId)
  return {
    unread_count: sum(found),
    notify_count: sum(found.filter((s) => s.view.recv_msg_opt === receiveOption.normal)),
  }
}

/** 0 where the caller has no access; never an error for one of many. */
async function newestSeqs(
  world: World,
  caller: Caller,
  conversations: readonly string[],
): Promise<{ seqs: Record<string, number> }> {
  const unique = [...new Set(conversations)]
  const windows = await Promise.all(unique.map((c) => findWindow(world, caller.userId, c)))
  return { seqs: Object.fromEntries(unique.map((c, i) => [c, windows[i]?.maxSeq ?? 0])) }
}

async function mentions(world: World, conversation: string, window: Window): Promise<{ seqs: number[] }> {
  if (!window.view) return { seqs: [] }
  const [settings] = await world.store.get('conversation', [[conversation]])
  return { seqs: await mentionSeqs(world, window.view, window, settings) }
}

export const conversationHandlers = {
  'conversation.list': list,
  'conversation.all': all,
  'conversation.info': info,
  'conversation.update': update,
  'conversation.draft': draft,
  'conversation.clear': clear,
  'conversation.mark_read': markRead,
  'conversation.read_state': (_world, _, _input, window) => readState(window),
  'conversation.unread_count': unreadCount,
  'message.newest_seqs': (world, caller, input) => newestSeqs(world, caller, input.conversation_ids),
  'message.mentions': (world, _, input, window) => mentions(world, input.conversation_id, window),
} satisfies Partial<Handlers>
