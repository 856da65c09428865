import type { Client, ConversationView } from '@nexo-im/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { syncDrafts } from './draft-sync.ts'
import { createDrafts, type Drafts } from './drafts.ts'

function memoryStorage(): Storage {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  return storage as unknown as Storage
}

/** An account with some conversations, which shows what it is told at once, as the client does. */
function account(drafts: Record<string, string>) {
  let views = Object.entries(drafts).map(([id, draft]) => ({ id, draft }) as ConversationView)
  const listeners = new Set<() => void>()
  const told: string[] = []
  const put = (id: string, draft: string): void => {
    const view = { id, draft } as ConversationView
    views = [...views.filter((other) => other.id !== id), view]
    for (const listener of listeners) listener()
  }
  const client = {
    setDraft: (id: string, text: string) => {
      told.push(`${id}: ${text}`)
      put(id, text)
    },
    on: () => () => undefined,
    status: () => ({ state: 'online', attempt: 0 }),
    model: {
      conversations: () => views,
      conversation: (id: string) => views.find((view) => view.id === id),
      subscribe: (listener: () => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  }
  return { client: client as unknown as Client, put, told }
}

describe('drafts of the account', () => {
  let storage: Storage
  let drafts: Drafts
  beforeEach(() => {
    vi.useFakeTimers()
    storage = memoryStorage()
    drafts = createDrafts('ann', storage)
  })
  afterEach(() => void vi.useRealTimers())

  it('come in when nothing was written here', () => {
    const { client, put } = account({ a: 'from the phone' })
    syncDrafts(client, drafts)
    expect(drafts.get('a')).toBe('from the phone')
    put('a', '')
    expect(drafts.get('a')).toBe('')
  })

  it('do not overwrite what is being written, and do so again once it is told', () => {
    const { client, put, told } = account({ a: '' })
    syncDrafts(client, drafts)
    drafts.set('a', 'here')
    put('a', 'there')
    expect(drafts.get('a')).toBe('here')
    expect(told.at(-1)).toBe('a: here')
    vi.advanceTimersByTime(3000)
    put('a', 'there, later')
    expect(drafts.get('a')).toBe('there, later')
  })

  it('get what was written before a reload and not told', () => {
    drafts.set('a', 'in haste')
    const { client, told } = account({ a: 'old' })
    const again = createDrafts('ann', storage)
    syncDrafts(client, again)
    expect(told).toEqual(['a: in haste'])
    expect(again.get('a')).toBe('in haste')
  })

  it('get what was written in a chat that did not exist, as soon as it does', () => {
    const { client, put, told } = account({})
    syncDrafts(client, drafts)
    drafts.set('new', 'hello')
    vi.advanceTimersByTime(5000)
    expect(told).toEqual([])
    put('new', '')
    expect(told).toEqual(['new: hello'])
    expect(drafts.get('new')).toBe('hello')
  })
})
