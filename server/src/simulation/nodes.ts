import type { Store } from '../core/ports.ts'
import type { ManualClock } from '../testing/clock.ts'
import { type TestCore, testCore } from '../testing/domain/core.ts'
import type { Hub, HubBus } from '../testing/domain/hub.ts'
import { type Chance, turns } from './chance.ts'
import { type Trouble, unreliable } from './unreliable-store.ts'

/** One life of a node. */
export interface Node {
  readonly number: number
  readonly core: TestCore
  readonly bus: HubBus
  readonly isDead: boolean
  /** Rejects when it dies. */
  readonly death: Promise<never>
  /** Its clock is off by so much from now on, ms. */
  skew(ms: number): void
  die(): void
}

export interface NodeParts {
  readonly store: Store
  readonly hub: Hub
  readonly clock: ManualClock
  readonly chance: Chance
  readonly trouble: Trouble
}

/** Tries until it stands: a store in trouble does not let everybody in at once. */
export async function startNode(
  number: number,
  { store, hub, clock, chance, trouble }: NodeParts,
): Promise<Node> {
  for (;;) {
    let offset = 0
    const link = unreliable(store, chance, trouble)
    const bus = hub.join()
    try {
      const core = await testCore({
        store: link.store,
        bus,
        clock: { ...clock, now: () => clock.now() + offset },
        random: { uuid: chance.name, salt: chance.name },
      })
      const death = Promise.withResolvers<never>()
      death.promise.catch(() => undefined)
      let isDead = false
      return {
        ...{ number, core, bus },
        death: death.promise,
        get isDead() {
          return isDead
        },
        skew: (ms) => {
          offset = ms
        },
        die: () => {
          isDead = true
          bus.cut()
          link.cut()
          death.reject(new Error('the node died'))
        },
      }
    } catch {
      bus.cut()
      await turns(1)
    }
  }
}
