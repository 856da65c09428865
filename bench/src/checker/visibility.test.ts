import { expect, test } from 'vitest'
import { ackedIsKept } from './acks.ts'
import type { Event, Sighting } from './history.ts'
import { pushesRise, seqsAreGapless } from './order.ts'
import type { Rule } from './rule.ts'
import type { Move } from './side-history.ts'
import { visibleIsMembership } from './visibility.ts'
import { buildWorld } from './world.ts'

const room = 'sg_1'
const second = 1_000_000
/** Long enough that nothing unanswered is still on its way. */
const later = 100

function sighting(seq: number, sender = 'host'): Sighting {
  const id = `${sender}-${seq}`
  const place = { conversation_id: room, seq, server_msg_id: seq, send_at: seq }
  return { ...place, client_msg_id: id, sender_id: sender, text: id }
}

/** Sent and acked at this second. */
function sent(seq: number, at: number, sender = 'host'): Event[] {
  const message = sighting(seq, sender)
  const args = { client_msg_id: message.client_msg_id, attempt: 1 }
  const [t_invoke, t_return] = [at * second, at * second + 10]
  const send = { ...args, conversation_id: room, text: message.text ?? '', via: 'ws' as const }
  return [
    { t_invoke, t_return: null, client: sender, op: 'send', args: send, result: null },
    { t_invoke, t_return, client: sender, op: 'ack', args, result: { outcome: 'ok', message } },
  ]
}

function move(op: Move['op'], at: number, outcome: Move['result']['outcome'] = 'ok', until = at): Event {
  const args = { conversation_id: room, user: 'gus' }
  const client = op === 'join' || op === 'leave' ? 'gus' : 'host'
  return { t_invoke: at * second, t_return: until * second + 10, client, op, args, result: { outcome } }
}

function pushed(seq: number, at: number, conn = 'gus-1'): Event {
  const result = { messages: [sighting(seq)] }
  return { t_invoke: at * second, t_return: at * second, client: 'gus', op: 'push', args: { conn }, result }
}

function shown(op: 'pull' | 'read', client: string, seqs: readonly number[], at = later): Event {
  const result = {
    outcome: 'ok' as const,
    messages: seqs.map((seq) => sighting(seq)),
    max_seq: seqs.at(-1) ?? 0,
  }
  const args = { conversation_id: room, begin_seq: 1 }
  return { t_invoke: at * second, t_return: at * second, client, op, args, result }
}

function members(users: readonly string[]): Event {
  const at = later * second
  return {
    t_invoke: at,
    t_return: at,
    client: 'host',
    op: 'members',
    args: { conversation_id: room },
    result: { users },
  }
}

/** The host says one thing a second from 1 to 9. */
const talk = [1, 2, 3, 4, 5, 6, 7, 8, 9]
const base = [...talk.flatMap((seq) => sent(seq, seq)), shown('read', 'host', talk)]
/** In from 2.5 to 5.5: 3, 4 and 5 are theirs. */
const stay = [...base, move('join', 2.5), move('leave', 5.5)]

function faultsOf(rule: Rule, events: readonly Event[]): string[] {
  const faults: string[] = []
  rule.check(buildWorld(events), (text) => void faults.push(text))
  return faults
}

const faults = (...events: readonly Event[]): string[] => faultsOf(visibleIsMembership, events)

test('who sees exactly what was sent while they were in passes, and cases are counted', () => {
  const events = [...stay, pushed(3, 3), pushed(5, 5.1), shown('read', 'gus', [3, 4, 5]), members(['host'])]
  expect(faults(...events)).toEqual([])
  expect(visibleIsMembership.check(buildWorld(events), () => undefined)).toBeGreaterThan(6)
})

test('a push of what was sent before somebody came, or after they went, is caught', () => {
  const fine = shown('read', 'gus', [3, 4, 5])
  expect(faults(...stay, fine, pushed(2, 2.7))).toEqual([expect.stringContaining('seq 2 was pushed')])
  expect(faults(...stay, fine, pushed(6, 6))).toEqual([expect.stringContaining('seq 6 was pushed')])
})

test('a push that comes late, of what was sent while somebody was in, is fine', () => {
  expect(faults(...stay, shown('read', 'gus', [3, 4, 5]), pushed(5, 9))).toEqual([])
})

test('a pull beyond the membership is caught', () => {
  expect(faults(...stay, shown('read', 'gus', [3, 4, 5, 6]))).toEqual([
    expect.stringContaining('seq 6 was in a read'),
  ])
  expect(faults(...stay, shown('read', 'gus', [3, 4, 5]), shown('pull', 'gus', [2, 3], 3.5))).toEqual([
    expect.stringContaining('seq 2 was in a pull'),
  ])
})

test('a message that was sent while somebody was in and is not in their final log is caught', () => {
  expect(faults(...stay, shown('read', 'gus', [3, 4]))).toEqual([
    expect.stringContaining('seq 5 was sent while'),
  ])
  expect(faults(...stay)).toHaveLength(3)
})

test('whoever comes in again no longer sees what was sent the time before', () => {
  const again = [...stay, move('invite', 7.5)]
  expect(faults(...again, shown('read', 'gus', [8, 9]))).toEqual([])
  expect(faults(...again, shown('read', 'gus', [5, 8, 9]))).toEqual([
    expect.stringContaining('came in again'),
  ])
})

test('being kicked ends it like going does', () => {
  const events = [...base, move('join', 2.5), move('kick', 5.5)]
  expect(faults(...events, shown('read', 'gus', [3, 4, 5]), pushed(7, 7))).toHaveLength(1)
})

test('what was sent while a move was under way may fall on either side', () => {
  const events = [...base, move('join', 2.5, 'ok', 3.5), move('leave', 5.5, 'ok', 6.5)]
  for (const own of [
    [3, 4, 5, 6],
    [4, 5],
    [3, 4, 5],
    [4, 5, 6],
  ])
    expect(faults(...events, shown('read', 'gus', own))).toEqual([])
  expect(faults(...events, shown('read', 'gus', [5]))).toHaveLength(1)
})

test('a move without an answer may have been made or not', () => {
  const events = [...base, move('join', 2.5), move('leave', 5.5, 'unknown')]
  expect(faults(...events, shown('read', 'gus', [3, 4, 5]))).toEqual([])
  expect(faults(...events, shown('read', 'gus', [3, 4, 5, 6, 7, 8, 9]))).toEqual([])
  expect(faults(...events, shown('read', 'gus', [2, 3, 4, 5]))).toHaveLength(1)
})

test('a move that was refused changes nothing', () => {
  const events = [...stay, move('join', 6.5, 'fail')]
  expect(faults(...events, shown('read', 'gus', [3, 4, 5]))).toEqual([])
  expect(faults(...events, shown('read', 'gus', [3, 4, 5]), pushed(7, 7))).toHaveLength(1)
})

test('a message of theirs that was acked after they went is caught', () => {
  const own = [...talk.slice(0, 8).flatMap((seq) => sent(seq, seq)), ...sent(9, 9, 'gus')]
  const logs = [shown('read', 'gus', [3, 4, 5])]
  const read: Event = {
    ...(shown('read', 'host', []) as Extract<Event, { op: 'read' | 'pull' }>),
    result: {
      outcome: 'ok',
      messages: [...talk.slice(0, 8).map((seq) => sighting(seq)), sighting(9, 'gus')],
      max_seq: 9,
    },
  }
  const events = [...own, read, ...logs, move('join', 2.5), move('leave', 5.5)]
  expect(faults(...events)).toEqual([expect.stringContaining('gus-9 was acked')])
})

test('the list of members at the end must fit', () => {
  const own = shown('read', 'gus', [3, 4, 5])
  expect(faults(...stay, own, members(['host', 'gus']))).toHaveLength(1)
  expect(faults(...base, move('join', 9.5), shown('read', 'gus', []), members(['host']))).toHaveLength(1)
})

test('in such a group a log may begin late, and no message needs a lasting member to have sent it', () => {
  expect(faultsOf(seqsAreGapless, [...stay, shown('read', 'gus', [3, 4, 5])])).toEqual([])
  expect(faultsOf(seqsAreGapless, [...stay, shown('read', 'gus', [3, 5])])).toHaveLength(1)
  const counts = { planned: 0, acked: 0, refused: 0, unknown: 0 }
  const plan = { t_invoke: 1, t_return: 1, op: 'plan' as const, result: counts }
  const host: Event = { ...plan, client: 'host', args: { conversations: [room] } }
  const read: Event = {
    ...(shown('read', 'host', []) as Extract<Event, { op: 'read' | 'pull' }>),
    result: { outcome: 'ok', messages: [sighting(1, 'gus')], max_seq: 1 },
  }
  const byGuest = [...sent(1, 3, 'gus'), read, host]
  expect(faultsOf(ackedIsKept, [...byGuest, move('join', 2)])).toEqual([])
  expect(faultsOf(ackedIsKept, byGuest)).toEqual([expect.stringContaining('no member')])
})

test('pushes may jump over what was said while somebody was out, and over nothing else', () => {
  const again = [...stay, move('join', 7.5)]
  expect(faultsOf(pushesRise, [...again, pushed(5, 5.1), pushed(8, 8)])).toEqual([])
  expect(faultsOf(pushesRise, [...again, pushed(3, 3), pushed(5, 5.1)])).toHaveLength(1)
  expect(faultsOf(pushesRise, [...again, pushed(8, 8), pushed(5, 8.5)])).toHaveLength(1)
})
