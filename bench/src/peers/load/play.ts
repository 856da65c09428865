import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Window } from '../../load/plan.ts'
import { inParallel } from '../../parallel.ts'
import { type ProcessUse, readProcess } from '../../process-stats.ts'
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

interface Sample {
  readonly at: number
  readonly acks: number
  readonly pushes: number
  readonly server: ProcessUse | undefined
  readonly store: ProcessUse | undefined
  readonly generatorCpuUs: number
}

async function measure(plan: PeerPlan, tally: PeerTally, driver: Driver): Promise<Window> {
  const sample = (): Sample => {
    const { user, system } = process.cpuUsage()
    return {
      at: performance.now(),
      acks: tally.acks,
      pushes: tally.pushes,
      server: readProcess(plan.serverPid),
      store: plan.storePid === undefined ? undefined : readProcess(plan.storePid),
      generatorCpuUs: user + system,
    }
  }
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
  const seconds = (last.at - first.at) / 1000
  return {
    seconds,
    acks: last.acks - first.acks,
    pushes: last.pushes - first.pushes,
    serverCpuUs: first.server && last.server ? last.server.cpuUs - first.server.cpuUs : undefined,
    storeCpuUs: first.store && last.store ? last.store.cpuUs - first.store.cpuUs : undefined,
    rssBytes: last.server?.rssBytes,
    generatorCpu: (last.generatorCpuUs - first.generatorCpuUs) / 1e6 / seconds,
  }
}

/** Nothing is late in a closed loop; how late timers fire tells how busy the generator is. */
function watchTimers(tally: PeerTally): NodeJS.Timeout {
  const everyMs = 10
  let due = performance.now() + everyMs
  return setInterval(() => {
    const now = performance.now()
    if (tally.isMeasured(now)) tally.lag.record((now - due) * 1000)
    due = now + everyMs
  }, everyMs)
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
