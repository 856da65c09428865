import type { Bus } from '../../core/ports.ts'

/** A bus inside one process, whose messages a test may delay, lose and cut off. */
export interface Hub {
  join(): HubBus
  /** Messages lost from here on. */
  lose(share: (text: string) => boolean): void
  /** What was held back arrives, in the order said by each node but mixed between them by `pick`. */
  release(pick?: (queues: number) => number): void
  /** From here on everything waits until it is released. */
  hold(): void
}

export interface HubBus extends Bus {
  /** The connection is gone; what others say is missed. */
  cut(): void
  mend(): void
}

interface Member {
  readonly heard: ((text: string) => void)[]
  readonly returned: (() => void)[]
  isUp: boolean
}

export function createHub(): Hub {
  const members: Member[] = []
  const held = new Map<Member, string[]>()
  let isHolding = false
  let isLost: (text: string) => boolean = () => false

  function deliver(text: string): void {
    for (const { heard, isUp } of members) if (isUp) for (const hear of heard) hear(text)
  }

  function join(): HubBus {
    const self: Member = { heard: [], returned: [], isUp: true }
    members.push(self)
    return {
      publish: (text) => {
        if (!self.isUp || isLost(text)) return
        if (!isHolding) setImmediate(() => deliver(text))
        else held.set(self, [...(held.get(self) ?? []), text])
      },
      subscribe: (hear) => void self.heard.push(hear),
      onReturn: (run) => void self.returned.push(run),
      get isUp() {
        return self.isUp
      },
      cut: () => {
        self.isUp = false
      },
      mend: () => {
        self.isUp = true
        for (const run of self.returned) run()
      },
      close: async () => {
        self.isUp = false
      },
    }
  }

  return {
    join,
    lose: (share) => {
      isLost = share
    },
    hold: () => {
      isHolding = true
    },
    release: (pick = () => 0) => {
      isHolding = false
      for (;;) {
        const queues = [...held.values()].filter((q) => q.length > 0)
        if (queues.length === 0) break
        const next = queues[pick(queues.length)]?.shift()
        if (next !== undefined) deliver(next)
      }
      held.clear()
    },
  }
}
