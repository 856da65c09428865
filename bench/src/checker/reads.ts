import type { Rule } from './rule.ts'
import type { Mark, Standing } from './side-history.ts'
import { keyOf, okAcks, type World } from './world.ts'

/** What a user was told of one conversation, and when. */
interface Telling {
  readonly client: string
  readonly asked: number
  readonly told: number
  readonly standing: Standing
}

/** A read position that was reached, or may have been. */
interface Raise {
  readonly seq: number
  readonly from: number
  /** Infinity = it may never have been. */
  readonly to: number
}

/**
 * Read positions only rise, are at least what was marked and sent, at most what can have been, and unread is what is
 * visible behind them. A message of one's own moves the position to it, so that nothing of one's own is ever unread.
 */
export const readingNeverFalls: Rule = {
  id: 'I10',
  says: 'read positions never fall, hold what was marked and sent, and unread = visible − read',
  check: (world, fail) => {
    const all = Map.groupBy(tellingsOf(world), ({ client, standing }) =>
      keyOf(client, standing.conversation_id),
    )
    const raises = raisesOf(world)
    let cases = 0
    for (const [key, list] of all) {
      list.sort((a, b) => a.told - b.told)
      const { client, standing } = list[0] as Telling
      const where = `${client} in ${standing.conversation_id}`
      const own = raises.get(key) ?? []
      const isMoved = (world.moves.get(standing.conversation_id) ?? []).some(
        (move) => move.args.user === client,
      )
      for (const telling of list) {
        cases += 1
        for (const fault of faultsOf(telling, own, isMoved)) fail(`${where}: ${fault}`)
      }
      for (const fault of falls(list)) fail(`${where}: ${fault}`)
    }
    return cases
  },
}

function tellingsOf(world: World): Telling[] {
  const seen = (
    event: { readonly client: string; readonly t_invoke: number; readonly t_return: number | null },
    standing: Standing,
  ): Telling => ({
    client: event.client,
    asked: event.t_invoke,
    told: event.t_return ?? Number.POSITIVE_INFINITY,
    standing,
  })
  return [
    ...world.states.map((state) => seen(state, state.result)),
    ...world.lists.flatMap((list) => list.result.conversations.map((one) => seen(list, one))),
  ]
}

/** By client and conversation. */
function raisesOf(world: World): Map<string, Raise[]> {
  const all = new Map<string, Raise[]>()
  const add = (client: string, conversation: string, raise: Raise): void => {
    const key = keyOf(client, conversation)
    all.set(key, [...(all.get(key) ?? []), raise])
  }
  for (const mark of world.marks) {
    if (mark.result.outcome === 'fail') continue
    const { conversation_id, read_seq } = mark.args
    add(mark.client, conversation_id, { seq: read_seq, from: mark.t_invoke, to: markedBy(mark) })
  }
  const stored = new Set<string>()
  for (const log of world.logs.values()) {
    for (const { sender_id, client_msg_id, seq } of log.records) {
      const key = keyOf(sender_id, client_msg_id)
      const message = world.messages.get(key)
      if (message === undefined || stored.has(key)) continue
      stored.add(key)
      const to = Math.min(...okAcks(message).map((ack) => ack.at))
      add(sender_id, log.conversation, { seq, from: message.invoked, to })
    }
  }
  return all
}

function markedBy(mark: Mark): number {
  return mark.result.outcome === 'ok' && mark.t_return !== null ? mark.t_return : Number.POSITIVE_INFINITY
}

/** @param isMoved a way in moves the position too, to where the view begins */
function faultsOf({ asked, told, standing }: Telling, raises: readonly Raise[], isMoved: boolean): string[] {
  const { max_seq, read_seq, unread_count, min_seq = 1 } = standing
  const faults: string[] = []
  const unread = Math.max(0, max_seq - Math.max(read_seq, min_seq - 1))
  if (unread_count !== unread)
    faults.push(`unread is ${unread_count}, with ${max_seq} visible and ${read_seq} read it is ${unread}`)
  let least = 0
  let most = 0
  for (const { seq, from, to } of raises) {
    if (to <= asked) least = Math.max(least, seq)
    if (from <= told) most = Math.max(most, seq)
  }
  if (read_seq < least) faults.push(`read up to ${read_seq}, yet ${least} was marked or sent before`)
  if (read_seq > most && !isMoved) faults.push(`read up to ${read_seq}, though nobody read beyond ${most}`)
  return faults
}

/** Whatever was asked after something was told tells no less. */
function falls(tellings: readonly Telling[]): string[] {
  const faults: string[] = []
  const byAsking = tellings.toSorted((a, b) => a.asked - b.asked)
  let next = 0
  let [read, max] = [0, 0]
  for (const { asked, standing } of byAsking) {
    for (let one = tellings[next]; one !== undefined && one.told <= asked; one = tellings[++next]) {
      read = Math.max(read, one.standing.read_seq)
      max = Math.max(max, one.standing.max_seq)
    }
    if (standing.read_seq < read) faults.push(`read fell from ${read} to ${standing.read_seq}`)
    if (standing.max_seq < max) faults.push(`the visible maximum fell from ${max} to ${standing.max_seq}`)
  }
  return faults
}
