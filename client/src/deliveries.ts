import type { Call } from './call.ts'
import type { Clock } from './clock.ts'
import { mayPass } from './passing.ts'

export interface DeliveriesParts {
  readonly call: Call
  readonly clock: Clock
  readonly online: () => boolean
}

/** ms in which arrivals are gathered; ms between two acks of one conversation. */
const gather = 100
const pause = 1000

interface Lane {
  /** Highest seq received, and highest one told. */
  seq: number
  told: number
  disarm?: () => void
}

/** Tells the server what this device has received of others, once a second and conversation at most. */
export class Deliveries {
  readonly #parts: DeliveriesParts
  readonly #lanes = new Map<string, Lane>()

  constructor(parts: DeliveriesParts) {
    this.#parts = parts
  }

  received(id: string, seq: number): void {
    const lane = this.#lanes.get(id) ?? { seq: 0, told: 0 }
    this.#lanes.set(id, lane)
    lane.seq = Math.max(lane.seq, seq)
    if (this.#parts.online()) this.#arm(id, lane, gather)
  }

  /** Reading tells the same, and more. */
  read(id: string, seq: number): void {
    const lane = this.#lanes.get(id)
    if (lane) lane.told = Math.max(lane.told, seq)
  }

  online(): void {
    for (const [id, lane] of this.#lanes) this.#arm(id, lane, gather)
  }

  offline(): void {
    for (const lane of this.#lanes.values()) {
      lane.disarm?.()
      delete lane.disarm
    }
  }

  #arm(id: string, lane: Lane, wait: number): void {
    if (lane.disarm !== undefined || lane.seq <= lane.told) return
    lane.disarm = this.#parts.clock.after(wait, () => {
      delete lane.disarm
      void this.#tell(id, lane)
    })
  }

  async #tell(id: string, lane: Lane): Promise<void> {
    const { seq, told } = lane
    if (seq <= told) return
    lane.told = seq
    const { clock, call } = this.#parts
    // Whatever arrives in the pause leaves at its end.
    lane.disarm = clock.after(pause, () => {
      delete lane.disarm
      void this.#tell(id, lane)
    })
    try {
      await call('message.ack', { conversation_id: id, seq })
    } catch (thrown) {
      // The next link tells it again; a refusal is for good.
      if (mayPass(thrown) && lane.told === seq) lane.told = told
    }
  }
}
