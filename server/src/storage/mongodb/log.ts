import { setTimeout as sleep } from 'node:timers/promises'
import { ImError } from '@nexo-im/protocol'
import { type Applied, createApplied } from './applied.ts'
import { apply, type Effects } from './effects.ts'
import type { Server } from './server.ts'
import {
  finish,
  isFresh,
  raise,
  type Slot,
  type Stand,
  seenNow,
  shed,
  slotAt,
  states,
  type Tuning,
  take,
  tidy,
  usual,
} from './slots.ts'

/**
 * The log of commits. Its documents are slots 1, 2, 3…: one slot is one commit with all its effects, and to insert it is
 * the commit – atomic, because it is one document, and a fence, because its number can be taken once. Only then are the
 * effects written where they are read, the state `applied` is raised, and the slot sheds them.
 * - Nobody judges a batch for slot n + 1 before slot n is applied. If its node does not do it in time, another one does.
 * - A slot is in the journal of a majority before any effect of it is written. What a failover takes back of the effects is
 *   written again from the slot; so an ack holds with and without a replica set, and readers need no read concern.
 *   Without a replica set the data is as safe as the one disk. While a set is cut in two, a node that sees only the old
 *   primary may read what was true up to ten seconds ago, but it cannot commit.
 */
export interface SlotLog {
  /** Where the log ends, once all of it is applied. Throws `unavailable` when that takes too long. */
  standing(): Promise<Stand>
  /** Nobody has committed since. */
  stillAt(stand: Stand): Promise<boolean>
  /** False where somebody else took the slot, or may have: nothing was written then. */
  append(stand: Stand, to: number, effects: Effects): Promise<boolean>
  /** What was known of the log may be wrong: the next question asks the server. */
  forget(): void
  position(): Promise<number>
  readonly whole: Applied['whole']
  /** Waits for what goes on in the background. */
  idle(): Promise<void>
}

/** Slots between two rounds of tidying up. */
const roundEvery = 64

/** @param node name of this store object among all that use the database */
export function openSlotLog(server: Server, node: string, tuning: Tuning = usual): SlotLog {
  const background = createBackground()
  const turns = createTurns(server, node)
  const isStuck = createStuck(tuning.helpAfter)
  const applied = createApplied(server, look)
  let known: Stand | undefined
  let looked = performance.now()

  async function standing(): Promise<Stand> {
    if (known && isFresh(known) && !turns.isGivenAway) return known
    const patience = performance.now() + 2 * Math.max(server.timeout, tuning.helpAfter)
    for (let pause = 2; ; pause = Math.min(2 * pause, 20)) {
      const stand = await applied.ask()
      const next = await slotAt(server, stand.slot + 1)
      if (!next && !turns.mustWait(stand.slot)) {
        known = stand
        return stand
      }
      // A slot of its own is left over from a commit without an answer: commits of one node run one at a time.
      if (next && (next.applied || next.node === node || isStuck(next))) await finish(server, next)
      else if (next) await turns.ask(next.slot + 1)
      if (performance.now() > patience)
        throw new ImError('unavailable', { detail: 'other nodes keep the log', retryAfter: 1 })
      await sleep(pause)
    }
  }

  async function append(stand: Stand, to: number, effects: Effects): Promise<boolean> {
    if (!isFresh(stand)) return false
    const slot = stand.slot + 1
    const taken = await take(server, { slot, to, node }, effects, tuning.pieceSize)
    if (!taken) return false
    const seen = seenNow()
    await applied.during(slot, applyTaken(server, { slot, to, node }, effects, turns))
    known = { slot, to, ...seen }
    background.run(shed(server, taken))
    if (slot % roundEvery === 0) background.run(tidy(server, slot, tuning))
    return true
  }

  /** The node of an unapplied slot may be gone, and nobody may want to commit. */
  async function look(stand: Stand): Promise<void> {
    const next = await slotAt(server, stand.slot + 1)
    if (next && (next.applied || isStuck(next))) await finish(server, next)
  }

  return {
    standing,
    stillAt: async ({ slot }) => (await slotAt(server, slot + 1)) === undefined,
    append,
    forget: () => {
      known = undefined
    },
    position: async () => {
      const stand = await applied.ask()
      if (performance.now() - looked > tuning.helpAfter / 2) {
        looked = performance.now()
        background.run(look(stand))
      }
      return stand.to
    },
    whole: applied.whole,
    idle: background.idle,
  }
}

async function applyTaken(server: Server, { slot, to }: Slot, effects: Effects, turns: Turns): Promise<void> {
  await apply(server, slot, effects, false)
  await Promise.all([raise(server, slot, to), turns.note(slot)])
}

interface Background {
  /** What fails there is found undone, and done, by a later round. */
  run(work: Promise<void>): void
  idle(): Promise<void>
}

function createBackground(): Background {
  const running = new Set<Promise<void>>()
  return {
    run: (work) => {
      const settled = work.catch(() => undefined).finally(() => running.delete(settled))
      running.add(settled)
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** Tells whether a slot was seen unapplied for so long that its node must be gone. */
function createStuck(helpAfter: number): (slot: Slot) => boolean {
  let stuck = { slot: 0, since: 0 }
  return ({ slot }) => {
    if (stuck.slot !== slot) stuck = { slot, since: performance.now() }
    return performance.now() - stuck.since >= helpAfter
  }
}

/** How long a node that has just committed lets another one that waits go first. */
const yieldFor = 150

/** Fairness between nodes: the one that has just committed is always quicker, and would take every slot. */
interface Turns {
  readonly isGivenAway: boolean
  /** The next slot behind this one was given to another node, which has not taken it yet. */
  mustWait(slot: number): boolean
  /** Says that this node wants a slot. */
  ask(slot: number): Promise<void>
  /** This node took a slot; if another one asked, the next is given to it. */
  note(slot: number): Promise<void>
}

function createTurns(server: Server, node: string): Turns {
  let given: { readonly slot: number; readonly until: number } | undefined
  let asked = 0
  return {
    get isGivenAway() {
      return given !== undefined
    },
    mustWait: (slot) => {
      if (given && given.slot > slot && performance.now() < given.until) return true
      given = undefined
      return false
    },
    ask: async (slot) => {
      if (asked === slot) return
      asked = slot
      const updates = [{ q: { _id: 'waiting' }, u: { $set: { slot, node } }, upsert: true }]
      await server.write({ collection: states, updates, durable: false })
    },
    note: async (slot) => {
      const [waiting] = await server.find(states, { _id: 'waiting' })
      // It asked for this slot, too late, or for the next one; once it had its turn, what it asked for lies behind.
      if (waiting && (waiting['slot'] as number) >= slot && waiting['node'] !== node)
        given = { slot: slot + 1, until: performance.now() + yieldFor }
    },
  }
}
