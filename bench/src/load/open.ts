import { performance } from 'node:perf_hooks'
import type { Link } from '../wire/link.ts'
import type { SendRing } from '../wire/send-ring.ts'
import type { Driver } from './closed.ts'
import { type Pacer, startPacer } from './pacer.ts'
import { dueTimes, type Phase } from './phases.ts'
import type { Tally } from './tally.ts'

const finestMs = 0.25
/** Between looks at the clock, also where messages are rare: a late look is a late message. */
const coarsestMs = 5

/** Slots of an open-loop link; more messages in flight than this are sent as copies. */
export const openSlots = 4

interface Schedule {
  /** Messages a second. */
  readonly rate: number
  readonly seconds: number
  readonly phases?: readonly Phase[]
}

export function messagesOf({ rate, seconds }: Schedule): number {
  return Math.max(1, Math.floor(rate * seconds))
}

/** Calls `send` for message i when origin + i / rate has come, or its time in the phases, whatever came of the ones before. */
export function scheduled(
  plan: Schedule,
  send: (i: number, due: number) => void,
): Required<Pick<Driver, 'prepare' | 'start' | 'stop'>> {
  const phases = plan.phases ?? [{ rate: plan.rate, seconds: messagesOf(plan) / plan.rate }]
  const gap = 1000 / Math.max(...phases.map(({ rate }) => rate))
  const next = dueTimes(phases)
  let offset = next()
  let origin = Number.POSITIVE_INFINITY
  let sent = 0
  let pacer: Pacer | undefined
  const tick = (): void => {
    const now = performance.now()
    for (; origin + offset <= now; offset = next()) send(sent++, origin + offset)
  }
  return {
    prepare: async () => {
      pacer = await startPacer(Math.min(coarsestMs, Math.max(finestMs, gap)), tick)
    },
    start: (from) => {
      origin = from
    },
    stop: async () => {
      // What was due is sent, however late: leaving it out would flatter a generator that was behind.
      tick()
      origin = Number.POSITIVE_INFINITY
      await pacer?.stop()
    },
  }
}

/** Message i is sent by client i mod clients. */
export function openDriver(
  links: readonly Link[],
  rings: readonly SendRing[],
  tally: Tally,
  plan: Schedule,
): Driver {
  const schedule = scheduled(plan, (i, due) => {
    const at = i % links.length
    write(links[at] as Link, rings[at] as SendRing, tally, due)
  })
  return { ...schedule, readEnd: () => undefined }
}

function write(link: Link, ring: SendRing, tally: Tally, due: number): void {
  const now = performance.now()
  const n = tally.sent(link.index, due, now)
  if (tally.isMeasured(due)) tally.lag.record((now - due) * 1000)
  if (link.outstanding < ring.slots) ring.send(link.socket, 1, () => n)
  else ring.sendCopy(link.socket, n)
  link.outstanding += 1
}
