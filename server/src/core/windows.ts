import { ImError, parseConversationId } from '@nexo-im/protocol'
import type { Entry, Stored } from './ports.ts'
import type { World } from './world.ts'

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

export function windowOf(view: View | undefined, head: Entry | undefined): Window {
  const top = head?.seq ?? 0
  if (!view) return { minSeq: 1, maxSeq: top, readSeq: 0, view }
  const maxSeq = view.max_seq === null ? top : Math.min(top, view.max_seq)
  return { minSeq: view.min_seq, maxSeq, readSeq: view.read_seq, view }
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
    world.store.heads([conversation]),
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
