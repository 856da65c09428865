import type { Sighting } from './history.ts'
import { type Span as Stretch, stepsOf } from './membership.ts'
import type { Rule } from './rule.ts'
import { finalRecords, keyOf, okAcks, placeOf, type World } from './world.ts'

export const seqsAreGapless: Rule = {
  id: 'I4',
  says: 'the seqs of a conversation are 1, 2, 3… without gap, reuse or step back',
  check: (world, fail) => {
    for (const log of world.logs.values()) {
      // Who came later sees nothing from before.
      const isGuest = stepsOf(world.moves.get(log.conversation) ?? [], log.reader).length > 0
      let last = isGuest ? (log.records[0]?.seq ?? 1) - 1 : 0
      for (const { seq } of log.records) {
        const where = `${log.conversation}, read by ${log.reader}: ${seq} follows ${last}`
        if (seq > last + 1) fail(where, seq - last - 1)
        else if (seq <= last) fail(where)
        last = seq
      }
    }
    const owners = new Map<string, string>()
    for (const [key, message] of world.messages) {
      for (const { told } of okAcks(message)) {
        const owner = owners.get(placeOf(told)) ?? key
        if (owner !== key) {
          const both = `${owner.replace('\n', ' ')} and ${key.replace('\n', ' ')}`
          fail(`seq ${told.seq} of ${told.conversation_id} was acked for ${both}`)
        }
        owners.set(placeOf(told), owner)
      }
    }
    return world.logs.size
  },
}

interface Span {
  readonly name: string
  readonly seq: number
  readonly invoked: number
  readonly returned: number
}

export const seqsFollowRealTime: Rule = {
  id: 'I5',
  says: 'a message sent after another one was acked has the higher seq',
  check: (world, fail) => {
    const spans = new Map<string, Span[]>()
    for (const message of world.messages.values()) {
      const acks = okAcks(message)
      const [first] = acks
      if (first === undefined) continue
      const returned = Math.min(...acks.map((ack) => ack.at))
      const span = {
        name: `${message.sender} ${message.id}`,
        seq: first.told.seq,
        invoked: message.invoked,
        returned,
      }
      const list = spans.get(message.conversation)
      if (list === undefined) spans.set(message.conversation, [span])
      else list.push(span)
    }
    let pairs = 0
    for (const list of spans.values()) {
      list.sort((a, b) => b.seq - a.seq)
      // Going down, `earliest` is the first ack among all higher seqs: nothing lower may begin after it.
      let earliest: Span | undefined
      for (const span of list) {
        pairs += 1
        if (earliest !== undefined && earliest.returned < span.invoked) {
          fail(
            `${span.name} (seq ${span.seq}) was begun after ${earliest.name} (seq ${earliest.seq}) was acked`,
          )
        }
        if (earliest === undefined || span.returned < earliest.returned) earliest = span
      }
    }
    return pairs
  },
}

export const pushesRise: Rule = {
  id: 'I7',
  says: 'on a connection pushed seqs rise by one; a hole has a resync notice before anything later',
  check: (world, fail) => {
    let seen = 0
    for (const [client, pushes] of world.pushes) {
      const last = new Map<string, number>()
      // Of a notice without names: anything may have been left out, once in each conversation.
      const open = new Set<string>()
      const lastAt = new Map<string, number>()
      for (const { args, result, t_invoke } of pushes) {
        if ('resync' in result) {
          if (Object.keys(result.resync).length === 0)
            for (const key of last.keys()) if (key.startsWith(keyOf(args.conn, ''))) open.add(key)
          for (const [conversation, seq] of Object.entries(result.resync)) {
            const key = keyOf(args.conn, conversation)
            last.set(key, Math.max(seq, last.get(key) ?? 0))
          }
          continue
        }
        for (const message of result.messages) {
          seen += 1
          const key = keyOf(args.conn, message.conversation_id)
          const isTold = open.delete(key)
          const after = lastAt.get(key) ?? t_invoke
          const mayJump = (): boolean =>
            isTold || cameIn(world, client, message.conversation_id, { from: after, to: t_invoke })
          lastAt.set(key, t_invoke)
          const fault = step(last, key, message.seq, mayJump)
          if (fault !== undefined)
            fail(`${client}, connection ${args.conn}, ${message.conversation_id}: ${fault}`)
        }
      }
    }
    return seen
  },
}

/** Whether somebody may have come in between two pushes: what was said while they were out is no hole. */
function cameIn(world: World, client: string, conversation: string, between: Stretch): boolean {
  const steps = stepsOf(world.moves.get(conversation) ?? [], client)
  return steps.some((step) => step.way === 'in' && step.from < between.to && step.to > between.from)
}

/** @param mayJump a hole has been told of, or is none */
function step(
  last: Map<string, number>,
  key: string,
  seq: number,
  mayJump: () => boolean,
): string | undefined {
  const before = last.get(key)
  last.set(key, Math.max(seq, before ?? 0))
  // A connection may begin anywhere; what was before it is what the client pulls.
  if (before === undefined || seq === before + 1 || (seq > before && mayJump())) return undefined
  return `${seq} was pushed after ${before}`
}

export const timesNeverFall: Rule = {
  id: 'I13',
  says: 'the server time never falls within a conversation',
  check: (world, fail) => {
    const latest = new Map<string, Sighting>()
    const records = [...finalRecords(world).values()].toSorted((a, b) => a.seq - b.seq)
    for (const record of records) {
      const before = latest.get(record.conversation_id)
      if (before !== undefined && record.send_at < before.send_at) {
        fail(
          `${record.conversation_id}: seq ${record.seq} is ${before.send_at - record.send_at} ms before seq ${before.seq}`,
        )
      }
      latest.set(record.conversation_id, record)
    }
    return records.length
  },
}
