import type { OpenOutbox, OutboxEntry } from './outbox-store.ts'

/** Lives as long as the program: every store it opens under one key is the same. */
export function memoryOutbox(): OpenOutbox {
  const shelves = new Map<string, Map<string, OutboxEntry>>()
  return (key) => {
    const entries = shelves.get(key) ?? new Map<string, OutboxEntry>()
    shelves.set(key, entries)
    return {
      load: () => Promise.resolve([...entries.values()].sort((a, b) => a.order - b.order)),
      put: (entry) => {
        entries.set(entry.clientMsgId, entry)
        return Promise.resolve()
      },
      remove: (clientMsgId) => {
        entries.delete(clientMsgId)
        return Promise.resolve()
      },
      close: () => undefined,
    }
  }
}
