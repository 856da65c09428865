import type { Sighting } from './history.ts'
import {
  commitSpans,
  isSurelyBehindEntry,
  isSurelyIn,
  isSurelyOut,
  mayBeBehindEntry,
  type Span,
  type Step,
  stepsOf,
} from './membership.ts'
import type { Rule } from './rule.ts'
import { keyOf, okAcks, type World } from './world.ts'

type Report = (text: string) => void

/** One user in one group that people come into and go from. */
interface Stay {
  readonly user: string
  readonly conversation: string
  readonly steps: readonly Step[]
  readonly spans: ReadonlyMap<number, Span>
}

/**
 * What a user sees of a group is what was sent while they were in it, the last time they were: a way out closes the
 * view, a way in opens another one and shows nothing from before. What was in flight at such a moment may fall on
 * either side.
 */
export const visibleIsMembership: Rule = {
  id: 'I9',
  says: 'who comes and goes sees what was sent while they were in, all of it and nothing else',
  check: (world, fail) => {
    let cases = 0
    for (const [conversation, moves] of world.moves) {
      const spans = commitSpans(world, conversation)
      const users = new Set(moves.map((move) => move.args.user))
      for (const user of users) {
        const stay = { user, conversation, spans, steps: stepsOf(moves, user) }
        const report = (text: string): void => fail(`${user} in ${conversation}: ${text}`)
        cases += pushFaults(world, stay, report) + pageFaults(world, stay, report)
        cases += omissions(world, stay, report) + senderFaults(world, stay, report)
      }
      cases += memberFaults(world, conversation, users, fail)
    }
    return cases
  },
}

function pushFaults(world: World, { user, conversation, spans, steps }: Stay, report: Report): number {
  let cases = 0
  for (const { args, result } of world.pushes.get(user) ?? []) {
    if (!('messages' in result)) continue
    for (const { conversation_id, seq } of result.messages) {
      const span = conversation_id === conversation ? spans.get(seq) : undefined
      if (span === undefined) continue
      cases += 1
      if (isSurelyOut(steps, span)) report(`seq ${seq} was pushed to ${args.conn}, sent while they were out`)
    }
  }
  return cases
}

function pageFaults(world: World, { user, conversation, spans, steps }: Stay, report: Report): number {
  let cases = 0
  for (const { client, op, args, result, t_invoke } of world.pages) {
    if (client !== user || args.conversation_id !== conversation || result.outcome !== 'ok') continue
    for (const { seq } of result.messages) {
      const span = spans.get(seq)
      if (span === undefined) continue
      cases += 1
      if (isSurelyOut(steps, span)) report(`seq ${seq} was in a ${op}, sent while they were out`)
      else if (isSurelyBehindEntry(steps, span, t_invoke))
        report(`seq ${seq} was in a ${op}, sent before they came in again`)
    }
  }
  return cases
}

/** What was sent while they were certainly in, and did not come in again afterwards, is in their final log. */
function omissions(world: World, { user, conversation, spans, steps }: Stay, report: Report): number {
  const held = new Set<number>()
  const log: readonly Sighting[] = world.logs.get(keyOf(user, conversation))?.records ?? []
  for (const { seq } of log) held.add(seq)
  let cases = 0
  for (const [seq, span] of spans) {
    if (!isSurelyIn(steps, span) || mayBeBehindEntry(steps, span)) continue
    cases += 1
    if (!held.has(seq)) report(`seq ${seq} was sent while they were in, and is not in their final log`)
  }
  return cases
}

/** A way out binds every message acked after it. */
function senderFaults(world: World, { user, conversation, steps, spans }: Stay, report: Report): number {
  let cases = 0
  for (const message of world.messages.values()) {
    if (message.sender !== user || message.conversation !== conversation) continue
    const [ack] = okAcks(message)
    const span = ack && spans.get(ack.told.seq)
    if (span === undefined) continue
    cases += 1
    if (isSurelyOut(steps, span)) report(`their ${message.id} was acked, sent while they were out`)
  }
  return cases
}

/** Who ended in, or out, by what they did is told so to those who are in. */
function memberFaults(
  world: World,
  conversation: string,
  users: ReadonlySet<string>,
  report: Report,
): number {
  const members = world.finalMembers.get(conversation)
  if (members === undefined) return 0
  const at = { from: members.t_invoke, to: members.t_return ?? members.t_invoke }
  for (const user of users) {
    const steps = stepsOf(world.moves.get(conversation) ?? [], user)
    const isListed = members.result.users.includes(user)
    if (isListed && isSurelyOut(steps, at)) report(`${user} went from ${conversation}, yet is listed in it`)
    if (!isListed && isSurelyIn(steps, at)) report(`${user} came into ${conversation}, yet is not listed`)
  }
  return users.size
}
