import { useSyncExternalStore } from 'react'

const prefix = '#/c/'

/** The conversation named in the address, so that reloading and the browser's back button work as expected. */
export function useOpenConversation(): string | undefined {
  return useSyncExternalStore(subscribe, () => conversationOf(location.hash))
}

export function addressOf(conversationId: string): string {
  return prefix + encodeURIComponent(conversationId)
}

export function openConversation(conversationId: string | undefined): void {
  location.hash = conversationId === undefined ? '#/' : addressOf(conversationId)
}

export function conversationOf(hash: string): string | undefined {
  if (!hash.startsWith(prefix)) return undefined
  try {
    return decodeURIComponent(hash.slice(prefix.length)) || undefined
  } catch {
    return undefined
  }
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed)
  return () => removeEventListener('hashchange', changed)
}
