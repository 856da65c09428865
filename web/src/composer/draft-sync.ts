import type { Client, ConversationView } from '@nexo-im/client'
import { useEffect } from 'react'
import type { Drafts } from './drafts.ts'

/** ms after which words are taken to have been told: the client tells a second after the last key. */
const toldMs = 2500

type Told = Pick<Client, 'setDraft' | 'on' | 'status'> & {
  readonly model: Pick<Client['model'], 'conversations' | 'conversation' | 'subscribe'>
}

/**
 * Keeps the drafts of this browser and those of the account the same. What was written here last counts until it was
 * told; after that, the account's word does, which another device may have changed.
 * @returns the way out
 */
export function syncDrafts(client: Told, drafts: Drafts): () => void {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let seen: readonly ConversationView[] = []
  const settleLater = (id: string): void => {
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => {
        timers.delete(id)
        const shown = client.model.conversation(id)?.draft === drafts.get(id)
        if (client.status().state === 'online' && shown) drafts.settle(id)
      }, toldMs),
    )
  }
  /** Only an existing conversation keeps a draft: a new one gets it as soon as it is there. */
  const tell = (): void => {
    for (const id of drafts.pending()) {
      const text = drafts.get(id)
      const view = client.model.conversation(id)
      if (view === undefined) continue
      if (view.draft !== text) client.setDraft(id, text)
      if (!timers.has(id)) settleLater(id)
    }
  }
  const hear = (): void => {
    const views = client.model.conversations()
    if (views === seen) return
    seen = views
    tell()
    const own = new Set(drafts.pending())
    for (const view of views) if (!own.has(view.id)) drafts.receive(view.id, view.draft)
  }
  const written = (): void => {
    for (const id of drafts.pending())
      if (client.model.conversation(id)?.draft !== drafts.get(id)) settleLater(id)
    tell()
  }
  const stops = [
    drafts.subscribe(written),
    client.model.subscribe(hear),
    client.on('status', ({ state }) => {
      if (state === 'online') tell()
    }),
  ]
  hear()
  return () => {
    for (const stop of stops) stop()
    for (const timer of timers.values()) clearTimeout(timer)
  }
}

export function useDraftSync(client: Client, drafts: Drafts): void {
  useEffect(() => syncDrafts(client, drafts), [client, drafts])
}
