import { setTimeout as sleep } from 'node:timers/promises'
import type { Speaker } from './people.ts'

/** The first part of every run pays for code that gets compiled and caches that fill. */
const warmUp = 0.25
const patienceMs = 10_000

export interface Progress {
  readonly signal: AbortSignal
  say(line: string): void
}

/** Sends again with each ack, `inFlight` at a time, for so long. Whoever hears the acks calls `again`. */
export interface ClosedLoop {
  readonly isOver: boolean
  readonly isMeasured: boolean
}

export function beginClosed(seconds: number): ClosedLoop {
  const began = performance.now()
  const passed = (): number => (performance.now() - began) / 1000
  return {
    get isOver() {
      return passed() >= seconds
    },
    get isMeasured() {
      return passed() >= seconds * warmUp && passed() < seconds
    },
  }
}

/** Seconds of a run that count. */
export function measuredSeconds(seconds: number): number {
  return seconds * (1 - warmUp)
}

/** Says once in a while how it goes, until the time is over and everything is answered. Throws when it never is. */
export async function untilAnswered(
  seconds: number,
  speakers: readonly Speaker[],
  line: () => string,
  { signal, say }: Progress,
): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    say(line())
    await sleep(Math.min(100, Math.max(1, end - performance.now())), undefined, { signal })
  }
  await answered(speakers, signal)
}

async function answered(speakers: readonly Speaker[], signal: AbortSignal): Promise<void> {
  const end = performance.now() + patienceMs
  while (speakers.some(({ waiting }) => waiting > 0)) {
    if (performance.now() > end) throw new Error('messages were not answered within ten seconds')
    await sleep(5, undefined, { signal })
  }
}

/** Sends at a fixed rate, each speaker in turn; what is late is sent late and still counts from when it was due. */
export async function sendAtRate(
  perSecond: number,
  seconds: number,
  speakers: readonly Speaker[],
  line: () => string,
  { signal, say }: Progress,
): Promise<void> {
  const began = performance.now()
  const all = Math.max(1, Math.floor(perSecond * seconds))
  let sent = 0
  while (sent < all) {
    const due = Math.min(all, Math.ceil(((performance.now() - began) / 1000) * perSecond))
    for (; sent < due; sent++) speakers[sent % speakers.length]?.send(began + (sent / perSecond) * 1000)
    say(line())
    await sleep(1, undefined, { signal })
  }
  await answered(speakers, signal)
}

/** The value that this share of all does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
