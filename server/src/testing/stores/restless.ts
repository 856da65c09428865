import type { Store } from '../../core/ports.ts'
import { openStore } from '../../storage/open.ts'

/**
 * A store that somebody else writes to before anything is looked up or written: whatever a node remembers is out of date at
 * once. A suite that is green on it rests on no memory being right.
 */
export async function openRestlessStore(): Promise<Store> {
  const store = await openStore('memory:')
  let next = 0
  const disturb = async (): Promise<void> => {
    next += 1
    await store.commit(() => [{ put: [{ kind: 'block', row: { name: 'somebody else', next } }] }])
  }
  return {
    ...store,
    position: async () => {
      await disturb()
      return store.position()
    },
    commit: async (propose) => {
      await disturb()
      return store.commit(propose)
    },
  }
}
