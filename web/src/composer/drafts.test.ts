import { beforeEach, describe, expect, it } from 'vitest'
import { createDrafts, forgetDrafts } from './drafts.ts'

function memoryStorage(): Storage {
  const kept = new Map<string, string>()
  return {
    get length() {
      return kept.size
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (index) => [...kept.keys()][index] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, value) => void kept.set(key, value),
  }
}

describe('drafts', () => {
  let storage: Storage
  beforeEach(() => {
    storage = memoryStorage()
  })

  it('are kept per conversation and survive a reload', () => {
    const drafts = createDrafts('ann', storage)
    drafts.set('a', 'one')
    drafts.set('b', 'two\n')
    const again = createDrafts('ann', storage)
    expect([again.get('a'), again.get('b'), again.get('c')]).toEqual(['one', 'two\n', ''])
  })

  it('of another account are not shown', () => {
    createDrafts('ann', storage).set('a', 'secret')
    expect(createDrafts('bob', storage).get('a')).toBe('')
  })

  it('that hold nothing but white space are dropped', () => {
    const drafts = createDrafts('ann', storage)
    drafts.set('a', 'one')
    drafts.set('a', ' \n')
    expect(drafts.get('a')).toBe('')
  })

  it('ring once per change until unsubscribed', () => {
    const drafts = createDrafts('ann', storage)
    let rings = 0
    const stop = drafts.subscribe(() => rings++)
    drafts.set('a', 'x')
    drafts.set('a', 'x')
    stop()
    drafts.set('a', 'y')
    expect(rings).toBe(1)
  })

  it('leave nothing behind when forgotten', () => {
    createDrafts('ann', storage).set('a', 'x')
    forgetDrafts(storage)
    expect(storage.length).toBe(0)
  })

  it('that cannot be read are none', () => {
    storage.setItem('nexo.drafts', '{"userId":"ann","texts":[["a"],7,["b","ok"]]}')
    expect(createDrafts('ann', storage).get('b')).toBe('ok')
    storage.setItem('nexo.drafts', 'no json')
    expect(createDrafts('ann', storage).get('b')).toBe('')
  })

  it('written here are pending until they are settled, also over a reload; received ones are not', () => {
    const drafts = createDrafts('ann', storage)
    drafts.set('a', 'one')
    drafts.receive('b', 'two')
    expect(createDrafts('ann', storage).pending()).toEqual(['a'])
    drafts.settle('a')
    expect(createDrafts('ann', storage).pending()).toEqual([])
    expect(drafts.get('b')).toBe('two')
  })
})
