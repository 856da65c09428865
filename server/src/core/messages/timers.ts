import { type ErrorName, ImError } from '@nexo-im/protocol'
import { Conflict, insist, keep } from '../conflict.ts'
import type { Dispatch } from '../dispatch.ts'
import { accountStatus, isBanned } from '../people/account-status.ts'
import type { Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { erase, purge } from './erasure.ts'
import { isGone } from './meta.ts'

/** Does what the timer records say, when it is due. */
export interface Timers {
  start(): void
  /** Resolves when what runs has ended. */
  stop(): Promise<void>
  /** Runs everything that is due, also what fell due meanwhile; resolves with the ms until it is worth looking again. */
  runDue(): Promise<number>
}

type Timer = Stored<'timer'>

/** The longest sleep, ms: timers that were set meanwhile, here or by another node, are this late at most. */
const lookPeriod = 1000
/** After a failure, ms. */
const retryAfter = 5000
const batchSize = 100

/** One loop, so that nothing runs twice at once. What a crash interrupts runs again, and every task stands that. */
export function createTimers(world: World, dispatch: Dispatch): Timers {
  const { clock, log } = world
  let disarm: (() => void) | undefined
  let running: Promise<void> | undefined
  let phase: 'idle' | 'running' | 'stopping' = 'idle'

  async function runDue(): Promise<number> {
    for (;;) {
      const soonest = await world.store.list('timer', 'by_time', ['all'], { limit: batchSize })
      const now = clock.now()
      const due = soonest.filter((t) => t.at <= now)
      if (due.length === 0) return Math.min(lookPeriod, (soonest[0]?.at ?? Number.POSITIVE_INFINITY) - now)
      await Promise.all([
        // Side by side they share a commit; what is sent keeps its order.
        ...due.filter((t) => t.task !== 'send').map((t) => attempt(world, dispatch, t)),
        inTurn(due.filter((t) => t.task === 'send')),
      ])
      if (phase === 'stopping') return lookPeriod
    }
  }

  async function inTurn(due: readonly Timer[]): Promise<void> {
    for (const timer of due) await attempt(world, dispatch, timer)
  }

  async function pass(): Promise<void> {
    let wait = retryAfter
    try {
      wait = await runDue()
    } catch (error) {
      log.error({ err: error }, 'timers could not be run')
    }
    if (phase === 'running') arm(wait)
  }

  function arm(ms: number): void {
    disarm = clock.after(ms, () => {
      running = pass()
    })
  }

  return {
    start: () => {
      phase = 'running'
      arm(0)
    },
    stop: async () => {
      phase = 'stopping'
      disarm?.()
      await running
    },
    runDue,
  }
}

/** A task that fails is put behind the others, so that it does not hold them up. */
async function attempt(world: World, dispatch: Dispatch, timer: Timer): Promise<void> {
  try {
    await run(world, dispatch, timer)
  } catch (error) {
    const { timer_id, task } = timer
    world.log.error({ err: error, timer_id, task }, 'a timer failed and is tried again')
    await change(world, timer, { at: world.clock.now() + retryAfter }).catch(unlessMoved)
  }
}

/** Cancelled, or done after all: nothing is left to be put off. */
function unlessMoved(error: unknown): void {
  if (!(error instanceof Conflict)) throw error
}

function run(world: World, dispatch: Dispatch, timer: Timer): Promise<void> {
  switch (timer.task) {
    case 'send':
      // Takes turns with whoever cancels it.
      return world.turns.take(timer.timer_id, () => send(world, dispatch, timer))
    case 'expire':
      return insist(() => expire(world, timer))
    case 'purge':
      return purge(world, timer.conversation_id, timer.seq)
    default:
      return change(world, timer, { queue: 'failed', error: 'invalid_parameter' })
  }
}

async function expire(world: World, timer: Timer): Promise<void> {
  const { conversation_id: conversation, seq } = timer
  const [touch] = await world.store.get('touch', [[conversation, seq]])
  const [entry] = await world.store.read(conversation, seq, seq, 1)
  if (!entry || isGone(entry)) return remove(world, timer)
  await erase(world, { conversation, messages: [{ entry, touch }], cause: 'expired', by: '' })
}

/**
 * Sends by the rules of now, through the same door as everything. A crash before the timer is removed sends again, and
 * meets its twin.
 */
async function send(world: World, dispatch: Dispatch, { timer_id, user_id: userId }: Timer): Promise<void> {
  const [[timer], [user]] = await Promise.all([
    world.store.get('timer', [[timer_id]]),
    world.store.get('user', [[userId]]),
  ])
  if (timer?.queue !== 'all') return
  if (!user || user.status === accountStatus.deleted) return remove(world, timer)
  if (isBanned(user, world.clock)) return fail(world, timer, 'banned')
  // A device of its own for each user: they must not use up each other's limits.
  const caller: Caller = { userId, sessionId: `scheduled:${userId}`, platformId: 0 }
  try {
    await dispatch(caller, 'message.send', JSON.parse(timer.input))
  } catch (error) {
    if (!(error instanceof ImError) || error.row.retry) throw error
    return fail(world, timer, error.kind)
  }
  await remove(world, timer)
}

/** Stays where its owner finds it, with the reason. */
function fail(world: World, timer: Timer, error: ErrorName): Promise<void> {
  return change(world, timer, { queue: 'failed', error })
}

async function change(
  world: World,
  { version, ...row }: Timer,
  to: Partial<Pick<Timer, 'queue' | 'at' | 'error'>>,
): Promise<void> {
  await keep(world, {
    build: () => ({
      expect: [{ kind: 'timer', key: [row.timer_id], version }],
      put: [{ kind: 'timer', row: { ...row, ...to } }],
    }),
  })
}

async function remove(world: World, { timer_id }: Timer): Promise<void> {
  await keep(world, { build: () => ({ remove: [{ kind: 'timer', key: [timer_id] }] }) })
}
