import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { inParallel } from '../parallel.ts'
import { type AnswerReader, answerReader, mirrorReader } from '../wire/answer-reader.ts'
import { Link, readBuffer } from '../wire/link.ts'
import { SendRing } from '../wire/send-ring.ts'
import { sendTemplate } from '../wire/send-template.ts'
import { closedDriver, type Driver } from './closed.ts'
import { fanoutDriver } from './fanout.ts'
import { groupsDriver } from './groups.ts'
import { settle } from './idle.ts'
import { openDriver, openSlots } from './open.ts'
import type { LoadPlan, LoadResult, Window } from './plan.ts'
import { together } from './shares.ts'
import { Tally } from './tally.ts'
import { type Sample, sampleOf, watchTimers, windowOf } from './window.ts'

const openedAtOnce = 64
/** How long answers may take after the last send. */
const drainMs = 15_000

/**
 * Plays one plan against whatever listens at its address.
 * @param begin called when all is connected; resolves with the Unix ms of the beginning
 */
export async function runLoad(
  plan: LoadPlan,
  begin: () => Promise<number> = async () => performance.timeOrigin + performance.now(),
): Promise<LoadResult> {
  const tally = new Tally(plan)
  let driver: Driver | undefined
  const reader = readerOf(plan)
  const shared = readBuffer()
  const events = {
    frame: (link: Link, bytes: Uint8Array, start: number, end: number) =>
      reader(tally, link, bytes, start, end),
    readEnd: (link: Link) => driver?.readEnd(link),
    lost: (link: Link, reason: string) => tally.lost(link, reason),
  }
  const open = (index: number): Promise<Link> => {
    const client = plan.clients[index] as LoadPlan['clients'][number]
    const address = {
      host: plan.host,
      port: client.port ?? plan.port,
      token: client.token,
      ...(client.from === undefined ? {} : { from: client.from }),
      ...(plan.codec === 'nexo.v1' && plan.peer === 'server' ? { subprotocol: 'nexo.v1' } : {}),
    }
    return new Link(index, address, shared, events).opened()
  }
  const indexes = plan.clients.map((_, index) => index)
  if (plan.kind === 'idle') return settle(plan, tally, (some) => inParallel(some, openedAtOnce, open), begin)
  const own = 'share' in plan && plan.share !== undefined ? plan.share : indexes
  const opened = await inParallel(own, openedAtOnce, open)
  const links: Link[] = []
  for (const link of opened) links[link.index] = link
  driver = driverOf(plan, links, tally)
  await driver.prepare?.()
  const origin = (await begin()) - performance.timeOrigin
  const window = await measure(plan, tally, driver, origin)
  await drain(tally, plan.peer !== 'broadcast')
  for (const link of opened) link.close()
  const share = driver.share?.()
  const result = { ...tally.result(window), ...(share && { share }) }
  return plan.kind === 'groups' && plan.share === undefined ? together(plan, [result]) : result
}

function readerOf(plan: LoadPlan): AnswerReader<Link> {
  const read: AnswerReader<Link> =
    plan.peer === 'server' ? answerReader(plan.codec) : mirrorReader(plan.peer === 'echo' ? 'ack' : 'push')
  return (sink, link, bytes, start, end) => {
    if (sink instanceof Tally) sink.tick()
    read(sink, link, bytes, start, end)
  }
}

function driverOf(plan: Exclude<LoadPlan, { kind: 'idle' }>, links: readonly Link[], tally: Tally): Driver {
  if (plan.kind === 'groups') return groupsDriver(links, plan, tally)
  const slots = plan.kind === 'open' ? openSlots : plan.inFlight
  const rings = plan.clients.flatMap(({ target }) =>
    target === undefined ? [] : [new SendRing(sendTemplate(plan.codec, target, plan.text), slots)],
  )
  if (plan.kind === 'fanout') return fanoutDriver(links, rings[0] as SendRing, tally, plan.peer === 'server')
  if (plan.kind === 'open') return openDriver(links, rings, tally, plan)
  return closedDriver(links, rings, tally)
}

async function measure(
  plan: Exclude<LoadPlan, { kind: 'idle' }>,
  tally: Tally,
  driver: Driver,
  start: number,
): Promise<Window> {
  const sample = (): Sample => sampleOf(tally, plan)
  const watch = 'rate' in plan ? undefined : watchTimers(tally)
  await sleep(Math.max(0, start - performance.now()))
  const warm = plan.seconds * plan.warmUp * 1000
  tally.measure(start + warm, start + plan.seconds * 1000, start)
  driver.start(start)
  await sleep(start + warm - performance.now())
  const first = sample()
  await sleep(start + plan.seconds * 1000 - performance.now())
  const last = sample()
  await driver.stop()
  clearInterval(watch)
  return windowOf(first, last)
}

/** Waits until all sends are answered and pushes have stopped coming. */
async function drain(tally: Tally, acksToo: boolean): Promise<void> {
  const until = performance.now() + drainMs
  let pushes = -1
  while (performance.now() < until) {
    const open = acksToo ? tally.unanswered : 0
    if (open <= 0 && pushes === tally.pushes) return
    pushes = tally.pushes
    await sleep(300)
  }
}
