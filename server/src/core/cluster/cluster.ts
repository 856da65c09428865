import type { Limit } from '../limits.ts'
import { closeHere, recheckSockets, renewHere } from '../people/sign-ins.ts'
import { reviewHere } from '../people/watching.ts'
import type { Bus } from '../ports.ts'
import type { World } from '../world.ts'
import { tellMissed } from './missed.ts'
import { createRelay, type Relay } from './relay.ts'
import { createRoster } from './roster.ts'
import type { Word } from './words.ts'

/** This node among the others that serve the same store. */
export interface Cluster {
  readonly relay: Relay
  /** Other nodes that are there. */
  readonly size: number
  /** Once a second: says that this node is there, and looks for what it was not told. */
  tick(): Promise<void>
  /** Says good-bye. */
  leave(): void
}

/** Keys in one word: buses limit what they take at once. */
const usesAtOnce = 5000

/** A store that others may write without a bus to hear them: looking once a second has to do. */
export const noBus: Bus = {
  publish: () => undefined,
  subscribe: () => undefined,
  onReturn: () => undefined,
  isUp: false,
  close: async () => undefined,
}

/** @param onRelay called before anything is heard, so that whatever is told from then on goes through it */
export async function joinCluster(world: World, bus: Bus, onRelay: (relay: Relay) => void): Promise<Cluster> {
  const { router, store, clock, log, tally, writer, presence } = world
  const node = world.random.uuid()
  const roster = createRoster({ node, presence, tell: (word) => relay.tell(word), lost })
  const relay: Relay = await createRelay({
    node,
    store,
    bus,
    clock,
    log,
    tally,
    prepare: router.prepareFor,
    play: (word, isOwn) => {
      router.play(word)
      if (!isOwn) act(world, word)
    },
    hear: (saying) => {
      tally.bus.heard += 1
      roster.hear(saying)
      if (saying.from !== undefined) return
      for (const word of saying.words) {
        router.play(word)
        act(world, word)
      }
    },
    follow: writer.follow,
    lost,
  })

  function lost(): void {
    tally.bus.gaps += 1
    router.forget()
    void tellMissed(world)
    // A sign-in may have ended unheard.
    recheckSockets(world).catch((error: unknown) =>
      log.error({ err: error }, 'sessions could not be rechecked'),
    )
    world.readPrivacy.clear()
    for (const userId of presence.watching.users()) void reviewHere(world, userId)
  }

  onRelay(relay)
  // Not before: whoever hears answers through the relay.
  relay.listen()
  bus.onReturn(() => {
    lost()
    roster.ask()
  })
  roster.ask()
  return {
    relay,
    get size() {
      return roster.size
    },
    tick: async () => {
      roster.tick()
      tellSpent(world)
      await relay.check()
    },
    leave: () => {
      relay.tell({ is: 'bye' })
      relay.flush()
    },
  }
}

function tellSpent({ limits, relay }: World): void {
  for (const [limit, { report }] of Object.entries(limits)) {
    const uses = report()
    for (let at = 0; at < uses.length; at += usesAtOnce)
      relay.tell({ is: 'spent', limit, uses: uses.slice(at, at + usesAtOnce) })
  }
}

/** What other nodes did beyond pushing; this node does its own at once. */
function act(world: World, word: Word): void {
  if (word.is === 'ended') closeHere(world, word.sessions, word.reason)
  else if (word.is === 'renewed') renewHere(world, word.userId, word.sessionId, word.expiresAt)
  else if (word.is === 'sight') void reviewHere(world, word.userId, word.watchers)
  else if (word.is === 'spent') limitNamed(world, word.limit)?.spend(word.uses)
  else if (word.is === 'read privacy') world.readPrivacy.forget(word.userId)
}

/** Another node may be of another version and know limits that this one does not. */
function limitNamed({ limits }: World, name: string): Limit | undefined {
  return Object.entries(limits).find(([known]) => known === name)?.[1]
}
