import { Histogram, type Latency } from '../histogram.ts'

/** A stretch of an open loop. */
export interface Phase {
  readonly seconds: number
  /** Messages a second, all clients together. */
  readonly rate: number
}

/** What became of the messages that were meant to be sent in a phase. */
export interface PhaseFigures {
  readonly written: number
  readonly acked: number
  /** How many were refused with which code; -1 = an answer that names none. */
  readonly refused: Readonly<Record<string, number>>
  /** Of those that were acked, from the intended time. */
  readonly ack: Latency
  readonly delivery: Latency
}

/** Counts by the phase that a message was meant for, whenever its answer comes. Times are `performance.now()` ms. */
export interface Phases {
  begin(origin: number): void
  written(intended: number): void
  acked(intended: number, us: number): void
  delivered(intended: number, us: number): void
  refused(intended: number, frame: string): void
  figures(): PhaseFigures[]
}

export function createPhases(phases: readonly Phase[]): Phases {
  const rows = phases.map(() => ({
    written: 0,
    acked: 0,
    refused: {} as Record<string, number>,
    ack: new Histogram(),
    delivery: new Histogram(),
  }))
  type Row = (typeof rows)[number]
  let ends: readonly number[] = []
  const rowAt = (intended: number): Row => {
    const at = ends.findIndex((end) => intended < end)
    return rows[at < 0 ? rows.length - 1 : at] as Row
  }
  return {
    begin: (origin) => {
      let end = origin
      ends = phases.map(({ seconds }) => {
        end += seconds * 1000
        return end
      })
    },
    written: (intended) => {
      rowAt(intended).written += 1
    },
    acked: (intended, us) => {
      const row = rowAt(intended)
      row.acked += 1
      row.ack.record(us)
    },
    delivered: (intended, us) => rowAt(intended).delivery.record(us),
    refused: (intended, frame) => {
      const { refused } = rowAt(intended)
      const code = /"code":(\d+)/.exec(frame)?.[1] ?? '-1'
      refused[code] = (refused[code] ?? 0) + 1
    },
    figures: () =>
      rows.map(({ ack, delivery, ...counts }) => ({
        ...counts,
        ack: ack.latency(),
        delivery: delivery.latency(),
      })),
  }
}

/** Ms from the beginning to each message of the phases, one after the other; infinite when there is none any more. */
export function dueTimes(phases: readonly Phase[]): () => number {
  let phase = 0
  let began = 0
  let i = 0
  return () => {
    for (; phase < phases.length; phase++) {
      const { rate, seconds } = phases[phase] as Phase
      // Counted, not summed up: a gap that is no whole number must not drift.
      if (i < Math.floor(rate * seconds)) return began + (i++ * 1000) / rate
      began += seconds * 1000
      i = 0
    }
    return Number.POSITIVE_INFINITY
  }
}
