import { logStart, type Store } from './ports.ts'
import type { Writer } from './writer.ts'

/**
 * Numbers below 2^53, unique over all nodes and restarts, for what needs an id before it is written: group ids, member
 * row ids.
 */
export interface Numbers {
  next(): number
  /** Resolves once `next` may be called `count` times. */
  ready(count: number): Promise<void>
}

/** A node that dies wastes at most this many; 2^53 lasts for eight billion starts. */
const blockSize = 1_048_576

/**
 * Claims a block at a time by a compare-and-set on one record, so no clock and no node number is involved.
 * The next block is fetched when half of the current one is used.
 */
export function createNumbers(store: Store, writer: Pick<Writer, 'offer'>): Numbers {
  let current = 0
  let used = blockSize
  let spare: number | undefined
  let fetching: Promise<void> | undefined

  function fetch(): Promise<void> {
    fetching ??= claim(store, writer)
      .then((start) => {
        spare = start
      })
      .finally(() => {
        fetching = undefined
      })
    return fetching
  }

  return {
    next: () => {
      if (used >= blockSize) {
        if (spare === undefined) throw new Error('numbers used without being ready')
        current = spare
        spare = undefined
        used = 0
      }
      used += 1
      return current + used
    },
    ready: async (count) => {
      if (used + count > blockSize / 2 && spare === undefined) {
        const fetched = fetch()
        if (used + count > blockSize) await fetched
        else fetched.catch(() => undefined)
      }
    },
  }
}

async function claim(store: Store, writer: Pick<Writer, 'offer'>): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const [block] = await store.get('block', [['numbers']])
    const start = block?.next ?? logStart
    const verdict = await writer.offer({
      build: () => ({
        expect: [{ kind: 'block', key: ['numbers'], version: block?.version ?? 0 }],
        put: [{ kind: 'block', row: { name: 'numbers', next: start + blockSize } }],
      }),
    })
    if ('change' in verdict) return start
  }
  throw new Error('no block of numbers could be claimed')
}
