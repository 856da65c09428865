import type { Sighting } from './history.ts'
import type { Move } from './side-history.ts'
import { keyOf, type Message, okAcks, type World } from './world.ts'

/**
 * How long after its client gave up an operation may still take effect, microseconds: a server that was asked ends
 * what it began, or itself.
 */
const settleTime = 10_000_000

/** When something took effect: not before `from`, not after `to`; microseconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One way in or out that took effect, or may have. */
export interface Step extends Span {
  readonly way: 'in' | 'out'
  readonly isCertain: boolean
  /** Before the first step that may have led back. */
  readonly until: number
}

/** The steps of one user in one group; what was refused changed nothing. */
export function stepsOf(moves: readonly Move[], user: string): Step[] {
  const steps = moves.flatMap((move) => {
    const { outcome } = move.result
    if (move.args.user !== user || outcome === 'fail') return []
    const returned = move.t_return ?? Number.POSITIVE_INFINITY
    const way = move.op === 'join' || move.op === 'invite' ? ('in' as const) : ('out' as const)
    const isCertain = outcome === 'ok'
    return [{ from: move.t_invoke, to: isCertain ? returned : returned + settleTime, way, isCertain }]
  })
  return steps.map((step) => {
    const back = steps.filter((other) => other.way !== step.way && other.to > step.from)
    return { ...step, until: Math.min(...back.map((other) => other.from)) }
  })
}

/** Certainly `way` during all of `at`: a step that certainly led there, and none after it that could have led away. */
function isSurely(way: Step['way'], steps: readonly Step[], at: Span): boolean {
  return steps.some((step) => step.way === way && step.isCertain && step.to <= at.from && step.until > at.to)
}

export function isSurelyIn(steps: readonly Step[], at: Span): boolean {
  return isSurely('in', steps, at)
}

/** Nobody is in from the start: who moves began outside. */
export function isSurelyOut(steps: readonly Step[], at: Span): boolean {
  return steps.every((step) => step.way === 'out' || step.from > at.to) || isSurely('out', steps, at)
}

/** Somebody certainly came in after it: then what was before is no longer shown. */
export function isSurelyBehindEntry(steps: readonly Step[], at: Span, asked: number): boolean {
  return steps.some((step) => step.way === 'in' && step.isCertain && step.from > at.to && step.to <= asked)
}

/** Somebody may have come in after it. */
export function mayBeBehindEntry(steps: readonly Step[], at: Span): boolean {
  return steps.some((step) => step.way === 'in' && step.to > at.from)
}

/**
 * When each message of a conversation was stored, by seq. Seqs rise in the order of commits, so that each message is
 * later than the sending of all before it and earlier than the acks of all behind it.
 */
export function commitSpans(world: World, conversation: string): Map<number, Span> {
  const known: { seq: number; message: Message }[] = []
  for (const { sender_id, client_msg_id, seq } of longestLog(world, conversation)) {
    const message = world.messages.get(keyOf(sender_id, client_msg_id))
    if (message !== undefined) known.push({ seq, message })
  }
  const spans = new Map<number, Span>()
  let from = 0
  for (const { seq, message } of known) {
    from = Math.max(from, message.invoked)
    spans.set(seq, { from, to: Number.POSITIVE_INFINITY })
  }
  let to = Number.POSITIVE_INFINITY
  for (const { seq, message } of known.toReversed()) {
    to = Math.min(to, ...okAcks(message).map((ack) => ack.at))
    spans.set(seq, { from: spans.get(seq)?.from ?? 0, to })
  }
  return spans
}

/** Of whoever is in from the first message to the last. */
function longestLog(world: World, conversation: string): readonly Sighting[] {
  let longest: readonly Sighting[] = []
  for (const log of world.logs.values())
    if (log.conversation === conversation && log.records.length > longest.length) longest = log.records
  return longest
}
