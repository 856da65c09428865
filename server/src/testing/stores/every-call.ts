import type { Store } from '../../core/ports.ts'

export type Call = <T>(work: () => Promise<T>) => Promise<T>

/** A store whose every question goes through `call`; commits go as they are. */
export function everyCall(inner: Store, call: Call): Store {
  return {
    ...inner,
    get: (kind, keys) => call(() => inner.get(kind, keys)),
    list: (kind, index, prefix, page) => call(() => inner.list(kind, index, prefix, page)),
    read: (conversation, from, to, limit) => call(() => inner.read(conversation, from, to, limit)),
    heads: (conversations) => call(() => inner.heads(conversations)),
    twins: (keys) => call(() => inner.twins(keys)),
    position: () => call(() => inner.position()),
    scan: (kind, page) => call(() => inner.scan(kind, page)),
    conversations: (page) => call(() => inner.conversations(page)),
  }
}
