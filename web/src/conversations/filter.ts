import type { ConversationView } from '@nexo-im/client'

/**
 * Pinned first, each part by the time of its last message; every word of the query must occur in the title or the ids.
 * A setting also moves `updatedAt`, but silencing a chat is no reason to bring it to the top.
 */
export function matching(all: readonly ConversationView[], query: string): ConversationView[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  const found = all.filter((view) => {
    const text = fold(`${view.title} ${view.peerId} ${view.groupId}`)
    return words.every((word) => text.includes(word))
  })
  return found.sort((a, b) => Number(b.pinned) - Number(a.pinned) || activeAt(b) - activeAt(a))
}

function activeAt({ lastMessage, updatedAt }: ConversationView): number {
  return lastMessage?.sentAt ?? updatedAt
}

/** Without case, accents and width, as people type when they search. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
