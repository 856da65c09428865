import type { Ack, Event } from '../checker/history.ts'

/** Microseconds of the host's monotonic clock. */
export interface Outage {
  /** The server was killed. */
  readonly from: number
  /** It was started again: from here on it may answer. */
  readonly begun: number
  /** It answers. */
  readonly to: number
}

/** Answers on their way when the server died. */
const echoUs = 500_000

export interface OutageFindings {
  /** Acks while there was no store to write to. */
  readonly falseAcks: number
  /** From the outage on, the longest that a send begun in it waited for whatever answer. */
  readonly longestWaitMs: number
  /** From when the server answers to the first ack of a message sent after that; infinite when there is none. */
  readonly backMs: number
}

export function outageFindings(events: readonly Event[], { from, begun, to }: Outage): OutageFindings {
  const acks = events.filter((event): event is Ack => event.op === 'ack')
  const ok = acks.filter(({ result }) => result.outcome === 'ok')
  const returned = ({ t_return }: Ack): number => t_return ?? Number.POSITIVE_INFINITY
  const waits = acks
    .filter(({ t_invoke }) => t_invoke >= from && t_invoke < to)
    .map((ack) => returned(ack) - ack.t_invoke)
  const after = ok.filter(({ t_invoke }) => t_invoke >= to).map(returned)
  return {
    falseAcks: ok.filter((ack) => returned(ack) > from + echoUs && returned(ack) < begun).length,
    longestWaitMs: Math.max(0, ...waits) / 1000,
    backMs: (Math.min(Number.POSITIVE_INFINITY, ...after) - to) / 1000,
  }
}
