import type { ConversationView } from '@nexo-im/client'

/** Pinned first, each part in the order given; every word of the query must occur in the title or the ids. */
export function matching(all: readonly ConversationView[], query: string): ConversationView[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  const found = all.filter((view) => {
    const text = fold(`${view.title} ${view.peerId} ${view.groupId}`)
    return words.every((word) => text.includes(word))
  })
  return [...found.filter((view) => view.pinned), ...found.filter((view) => !view.pinned)]
}

/** Without case, accents and width, as people type when they search. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
