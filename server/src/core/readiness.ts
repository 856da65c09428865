import type { World } from './world.ts'

/** Longest wait for the store when somebody asks whether it is there, ms. */
const patience = 2000

/** Whether the store answers, now and soon: one that hangs is as good as gone. */
export async function isStoreReady({ store, clock }: Pick<World, 'store' | 'clock'>): Promise<boolean> {
  return new Promise((resolve) => {
    const disarm = clock.after(patience, () => resolve(false))
    store
      .position()
      .then(
        () => resolve(true),
        () => resolve(false),
      )
      .finally(disarm)
  })
}
