import type { ChatMessage } from '@nexo-im/client'
import { type Context, createContext, useContext } from 'react'
import type { Scheduled } from '../composer/scheduled.ts'
import type { GroupState } from '../groups/group.ts'
import type { Place } from '../people/names.ts'
import type { Rights } from './rights.ts'

/** What the composer is about, beside a new message. */
export type Composing =
  | { readonly kind: 'reply'; readonly message: ChatMessage }
  | { readonly kind: 'edit'; readonly message: ChatMessage }

/** The window that lies over the chat. */
export type Sheet =
  | { readonly kind: 'forward'; readonly messages: readonly ChatMessage[] }
  | { readonly kind: 'recall' | 'delete'; readonly message: ChatMessage }
  | { readonly kind: 'hide'; readonly messages: readonly ChatMessage[] }
  | { readonly kind: 'readers' | 'reactors' | 'history'; readonly message: ChatMessage }
  | { readonly kind: 'pins' }
  | { readonly kind: 'later' }

/** What is being done in the open chat, and the ways to begin something else. */
export interface Desk {
  readonly place: Place
  readonly group: GroupState
  readonly rights: Rights
  readonly composing: Composing | undefined
  readonly compose: (next: Composing | undefined) => void
  /** Seqs of what is selected; undefined while nobody selects. */
  readonly selected: ReadonlySet<number> | undefined
  readonly select: (next: ReadonlySet<number> | undefined) => void
  readonly show: (sheet: Sheet | undefined) => void
  /** Brings a message into view, from older history when it must. */
  readonly jump: (seq: number) => void
  /** A message of the loaded stretch. */
  readonly find: (seq: number) => ChatMessage | undefined
  /** The newest own message whose words can be changed. */
  readonly latestEditable: () => ChatMessage | undefined
  readonly scheduled: Scheduled
}

export const DeskContext: Context<Desk | undefined> = createContext<Desk | undefined>(undefined)

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === undefined) throw new Error('no chat is open here')
  return desk
}

/** For parts that are also shown where no chat is open. */
export function useDeskIfOpen(): Desk | undefined {
  return useContext(DeskContext)
}
