import { type Context, createContext, useContext, useSyncExternalStore } from 'react'

/** What was begun and not sent, per conversation; survives a reload. */
export interface Drafts {
  readonly get: (conversationId: string) => string
  readonly set: (conversationId: string, text: string) => void
  readonly subscribe: (changed: () => void) => () => void
}

const storageKey = 'nexo.drafts'

export function createDrafts(userId: string, storage: Storage = localStorage): Drafts {
  const texts = new Map(read(storage, userId))
  const listeners = new Set<() => void>()
  const changed = (): void => {
    storage.setItem(storageKey, JSON.stringify({ userId, texts: [...texts] }))
    for (const listener of listeners) listener()
  }
  return {
    get: (conversationId) => texts.get(conversationId) ?? '',
    set: (conversationId, text) => {
      if ((texts.get(conversationId) ?? '') === text) return
      if (text.trim() === '') texts.delete(conversationId)
      else texts.set(conversationId, text)
      changed()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** For signing out: the next person at this browser must not find them. */
export function forgetDrafts(storage: Storage = localStorage): void {
  storage.removeItem(storageKey)
}

function read(storage: Storage, userId: string): [string, string][] {
  try {
    const kept = JSON.parse(storage.getItem(storageKey) ?? 'null') as {
      userId?: unknown
      texts?: unknown
    } | null
    if (kept?.userId !== userId || !Array.isArray(kept.texts)) return []
    return kept.texts.filter(isEntry)
  } catch {
    return []
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
