import { type Context, createContext, useContext, useSyncExternalStore } from 'react'

/** What was begun and not sent, per conversation; survives a reload. */
export interface Drafts {
  readonly get: (conversationId: string) => string
  readonly set: (conversationId: string, text: string) => void
  /** Takes over what another device wrote. */
  readonly receive: (conversationId: string, text: string) => void
  /** Conversations whose words were written here and are not known to be told yet. */
  readonly pending: () => readonly string[]
  readonly settle: (conversationId: string) => void
  readonly subscribe: (changed: () => void) => () => void
  /** Words of an own message that was recalled a moment ago; gone with the page. */
  readonly keepRecalled: (conversationId: string, seq: number, text: string) => void
  readonly recalled: (conversationId: string, seq: number) => Recalled | undefined
}

export interface Recalled {
  readonly text: string
  /** Unix ms of the recall. */
  readonly at: number
}

interface Kept {
  readonly texts: readonly [string, string][]
  readonly pending: readonly string[]
}

const storageKey = 'nexo.drafts'

export function createDrafts(userId: string, storage: Storage = localStorage): Drafts {
  const kept = read(storage, userId)
  const texts = new Map(kept.texts)
  const pending = new Set(kept.pending)
  const recalled = new Map<string, Recalled>()
  const listeners = new Set<() => void>()
  const keep = (): void =>
    storage.setItem(storageKey, JSON.stringify({ userId, texts: [...texts], pending: [...pending] }))
  const put = (conversationId: string, text: string): void => {
    if (text.trim() === '') texts.delete(conversationId)
    else texts.set(conversationId, text)
    keep()
    for (const listener of listeners) listener()
  }
  return {
    get: (conversationId) => texts.get(conversationId) ?? '',
    set: (conversationId, text) => {
      if ((texts.get(conversationId) ?? '') === text) return
      pending.add(conversationId)
      put(conversationId, text)
    },
    receive: (conversationId, text) => {
      if ((texts.get(conversationId) ?? '') !== text) put(conversationId, text)
    },
    pending: () => [...pending],
    settle: (conversationId) => {
      if (pending.delete(conversationId)) keep()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    keepRecalled: (conversationId, seq, text) =>
      void recalled.set(`${conversationId} ${seq}`, { text, at: Date.now() }),
    recalled: (conversationId, seq) => recalled.get(`${conversationId} ${seq}`),
  }
}

/** For signing out: the next person at this browser must not find them. */
export function forgetDrafts(storage: Storage = localStorage): void {
  storage.removeItem(storageKey)
}

function read(storage: Storage, userId: string): Kept {
  const nothing: Kept = { texts: [], pending: [] }
  try {
    const kept = JSON.parse(storage.getItem(storageKey) ?? 'null') as {
      userId?: unknown
      texts?: unknown
      pending?: unknown
    } | null
    if (kept?.userId !== userId || !Array.isArray(kept.texts)) return nothing
    const pending = Array.isArray(kept.pending) ? kept.pending.filter((id) => typeof id === 'string') : []
    return { texts: kept.texts.filter(isEntry), pending }
  } catch {
    return nothing
  }
}

function isEntry(entry: unknown): entry is [string, string] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
}

export const DraftsContext: Context<Drafts | undefined> = createContext<Drafts | undefined>(undefined)

export function useDrafts(): Drafts {
  const drafts = useContext(DraftsContext)
  if (drafts === undefined) throw new Error('no session is open here')
  return drafts
}

export function useDraft(conversationId: string): string {
  const drafts = useDrafts()
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(conversationId))
}
