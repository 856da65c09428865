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
  return hash.startsWith(prefix) ? partAfter(hash, prefix) : undefined
}

const joinPrefix = '#/join/'

/** The token of an invite link that was followed. */
export function useInvitation(): string | undefined {
  return useSyncExternalStore(subscribe, () => invitationOf(location.hash))
}

export function invitationOf(hash: string): string | undefined {
  return hash.startsWith(joinPrefix) ? partAfter(hash, joinPrefix) : undefined
}

/** Address of this page, whoever opens it may join the group. */
export function invitationAddress(token: string): string {
  return `${location.origin}${location.pathname}${joinPrefix}${encodeURIComponent(token)}`
}

function partAfter(hash: string, start: string): string | undefined {
  try {
    return decodeURIComponent(hash.slice(start.length)) || undefined
  } catch {
    return undefined
  }
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed)
  return () => removeEventListener('hashchange', changed)
}
