import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Window } from '../../load/plan.ts'
import { type Sample, sampleOf, watchTimers, windowOf } from '../../load/window.ts'
import { inParallel } from '../../parallel.ts'
import { readBuffer } from '../../wire/link.ts'
import { SendRing } from '../../wire/send-ring.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/open.ts'
import type { Lane } from '../wire/lane.ts'
import { closedDriver, type Driver, fanoutDriver, openDriver, openSlots, type Sender } from './drivers.ts'
import type { PeerPlan, PeerResult } from './plan.ts'
import { PeerTally } from './tally.ts'

const patienceMs = 30_000

/**
 * Plays one plan against a peer.
 * @param drainMs how long confirmations and pushes may take after the last send
 */
export async function playPeer(plan: PeerPlan, drainMs: number = patienceMs): Promise<PeerResult> {
  const dialect = dialectOf(plan.speech, readBuffer())
  const tally = new PeerTally()
  const lanes = await openLanes(plan.clients, dialect)
  try {
    for (const lane of lanes) dialect.serve(lane, tally)
    const receivers = plan.pace.kind === 'fanout' ? lanes.length : 1
    const window = await measure(plan, tally, driverOf(plan, dialect, lanes, tally))
    await drain(tally, receivers, dialect.acks, drainMs)
    return tally.result(window, receivers, dialect.acks)
  } finally {
    for (const lane of lanes) lane.close()
  }
}

/** One first: servers make tables and start pools for it, and a burst would meet that. */
async function openLanes(clients: number, dialect: Dialect): Promise<Lane[]> {
  const first = await dialect.open(0)
  const others = Array.from({ length: clients - 1 }, (_, i) => i + 1)
  return [first, ...(await inParallel(others, dialect.openedAtOnce, (index) => dialect.open(index)))]
}

function driverOf({ pace }: PeerPlan, dialect: Dialect, lanes: readonly Lane[], tally: PeerTally): Driver {
  const senderOf = (lane: Lane): Sender => ({
    lane,
    ring: new SendRing(dialect.template(lane.index), pace.kind === 'open' ? openSlots : pace.inFlight),
  })
  if (pace.kind === 'closed') return closedDriver(lanes.map(senderOf), tally)
  if (pace.kind === 'open') return openDriver(lanes.map(senderOf), tally, pace.rate)
  return fanoutDriver(senderOf(lanes[0] as Lane), lanes.length, tally, dialect.acks)
}

async function measure(plan: PeerPlan, tally: PeerTally, driver: Driver): Promise<Window> {
  const watched = { serverPids: [plan.serverPid], storePid: plan.storePid }
  const sample = (): Sample => sampleOf(tally, watched)
  const watch = plan.pace.kind === 'open' ? undefined : watchTimers(tally)
  await driver.start()
  const start = performance.now()
  const warm = plan.seconds * plan.warmUp * 1000
  tally.measure(start + warm, start + plan.seconds * 1000)
  await sleep(warm)
  const first = sample()
  await sleep(start + plan.seconds * 1000 - performance.now())
  const last = sample()
  await driver.stop()
  clearInterval(watch)
  return windowOf(first, last)
}

/** Waits until everything sent is confirmed and has arrived. */
async function drain(tally: PeerTally, receivers: number, isAcked: boolean, drainMs: number): Promise<void> {
  const until = performance.now() + drainMs
  const isWhole = (): boolean =>
    tally.pushes >= tally.ledger.size * receivers && (!isAcked || tally.acks === tally.ledger.size)
  while (performance.now() < until && !isWhole()) await sleep(50)
  // What comes twice comes late.
  await sleep(300)
}
