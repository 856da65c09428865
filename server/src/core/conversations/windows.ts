import { ImError, parseConversationId, receiveOption } from '@nexo-im/protocol'
import type { Stored } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { World } from '../world.ts'

export type View = Stored<'view'>

/** What one user may see of one conversation right now (nexo-wire section 8). */
export interface Window {
  readonly minSeq: number
  /** Conversation maximum, or the closing bound if lower. */
  readonly maxSeq: number
  readonly readSeq: number
  readonly view: View | undefined
}

export function unread(window: Window): number {
  return Math.max(0, window.maxSeq - Math.max(window.readSeq, window.minSeq - 1))
}

export function windowOf(view: View | undefined, head: { readonly seq: number } | undefined): Window {
  const top = head?.seq ?? 0
  if (!view) return { minSeq: 1, maxSeq: top, readSeq: 0, view }
  const maxSeq = view.max_seq === null ? top : Math.min(top, view.max_seq)
  return { minSeq: view.min_seq, maxSeq, readSeq: view.read_seq, view }
}

/** A view before anything was set in it; whoever opens a window starts from here. */
export function freshView(conversation: string, userId: string, position: number, now: number): Row<'view'> {
  return {
    conversation_id: conversation,
    user_id: userId,
    min_seq: 1,
    max_seq: null,
    read_seq: 0,
    recv_msg_opt: receiveOption.normal,
    is_pinned: false,
    touched_at: now,
    position,
    from_position: 0,
    to_position: null,
    delivered_seq: 0,
    mention_seq: 0,
    draft: '',
    draft_at: 0,
    marked_unread: false,
    hidden_at: -1,
    hidden_count: 0,
  }
}

/** Whether a notice or a change of a message at this position falls into the view. */
export function seesPosition(view: Row<'view'>, position: number): boolean {
  return position >= view.from_position && (view.to_position === null || position <= view.to_position)
}

/**
 * Whether a user may read a conversation, and how far. A single chat is open to its two ids even before the first
 * message; a group to whoever is or was a member. Undefined otherwise.
 */
export async function findWindow(
  world: World,
  userId: string,
  conversation: string,
): Promise<Window | undefined> {
  const ref = parseConversationId(conversation)
  if (!ref || (ref.type === 'single' && !ref.users.includes(userId))) return undefined
  const [[view], [head]] = await Promise.all([
    world.store.get('view', [[conversation, userId]]),
    world.writer.heads([conversation]),
  ])
  if (ref.type === 'group' && !view) return undefined
  return windowOf(view, head)
}

/** Throws 1007 where there is nothing the user may see. */
export async function needWindow(world: World, userId: string, conversation: string): Promise<Window> {
  const window = await findWindow(world, userId, conversation)
  if (!window) throw new ImError('no_permission')
  return window
}
