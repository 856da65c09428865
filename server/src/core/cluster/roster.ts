import type { Device, Presence } from '../people/presence.ts'
import type { Saying, Word } from './words.ts'

/** Which nodes are there, and who is connected to them. */
export interface Roster {
  /** Whatever another node says shows that it is there. */
  hear(saying: Saying): void
  /** About once a second: tells that this node is there, and takes those for gone that were silent. */
  tick(): void
  /** Asks every node for its devices: at the start, and when the bus was away. */
  ask(): void
  /** Other nodes that are there. */
  readonly size: number
}

export interface RosterParts {
  readonly node: string
  readonly presence: Presence
  tell(word: Word): void
  /** Words of a node went missing. */
  lost(): void
}

/** A node silent for so many seconds is gone, and so is everybody connected to it. */
const silenceLimit = 4
/** Devices in one word: buses limit what they take at once (NATS: 1 MB). */
const devicesAtOnce = 2000

interface Node {
  /** Number of its last saying. */
  n: number
  /** Ticks since then. */
  silence: number
  /** Its devices as far as they have come. */
  coming: Device[]
}

export function createRoster({ node: self, presence, tell, lost }: RosterParts): Roster {
  const nodes = new Map<string, Node>()

  function noted(saying: Saying): Node {
    const known = nodes.get(saying.node)
    if (known === undefined) {
      const fresh = { n: saying.n, silence: 0, coming: [] }
      nodes.set(saying.node, fresh)
      tell({ is: 'hello', to: saying.node })
      return fresh
    }
    if (saying.n !== known.n + 1) {
      tell({ is: 'hello', to: saying.node })
      lost()
    }
    known.n = saying.n
    known.silence = 0
    return known
  }

  function tellDevices(): void {
    const devices: Device[] = [...presence.all()].map(({ userId, connId, platformId, sessionId }) => ({
      userId,
      connId,
      platformId,
      sessionId,
    }))
    for (let at = 0; at === 0 || at < devices.length; at += devicesAtOnce) {
      const isLast = at + devicesAtOnce >= devices.length
      tell({ is: 'devices', devices: devices.slice(at, at + devicesAtOnce), isLast })
    }
  }

  function lose(node: string): void {
    nodes.delete(node)
    // Whoever is told once hears it from one of those that are left.
    const isFirst = [...nodes.keys()].every((other) => self < other)
    presence.elsewhere.lose(node, isFirst)
  }

  function hearWord(saying: Saying, node: Node, word: Word): void {
    if (word.is === 'connected') presence.elsewhere.connected(saying.node, word.device)
    else if (word.is === 'disconnected')
      presence.elsewhere.disconnected(saying.node, word.userId, word.connId)
    else if (word.is === 'hello' && (word.to === undefined || word.to === self)) tellDevices()
    else if (word.is === 'bye') lose(saying.node)
    else if (word.is === 'devices') {
      node.coming.push(...word.devices)
      if (!word.isLast) return
      presence.elsewhere.replace(saying.node, node.coming)
      node.coming = []
    }
  }

  return {
    hear: (saying) => {
      const node = noted(saying)
      for (const word of saying.words) hearWord(saying, node, word)
    },
    tick: () => {
      tell({ is: 'alive' })
      for (const [name, node] of nodes) {
        node.silence += 1
        if (node.silence > silenceLimit) lose(name)
      }
    },
    ask: () => tell({ is: 'hello' }),
    get size() {
      return nodes.size
    },
  }
}
