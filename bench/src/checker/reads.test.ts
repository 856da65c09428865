import { expect, test } from 'vitest'
import type { Event } from './history.ts'
import { readingNeverFalls } from './reads.ts'
import type { Standing } from './side-history.ts'
import { buildWorld } from './world.ts'

const chat = 'si_ann:bob'

function at(t: number, standing: Partial<Standing>): Event {
  const whole = { conversation_id: chat, max_seq: 9, read_seq: 0, unread_count: 9, ...standing }
  const args = { conversation_id: chat }
  return { t_invoke: t, t_return: t + 1, client: 'ann', op: 'state', args, result: whole }
}

function mark(t: number, read_seq: number, outcome: 'ok' | 'fail' | 'unknown' = 'ok'): Event {
  const args = { conversation_id: chat, read_seq }
  return { t_invoke: t, t_return: t + 1, client: 'ann', op: 'mark', args, result: { outcome } }
}

/** Message 7 is ann's own, acked at 51. */
function own(): Event[] {
  const place = { conversation_id: chat, seq: 7, server_msg_id: 7, send_at: 1, sender_id: 'ann', text: '' }
  const message = { ...place, client_msg_id: 'a' }
  const args = { client_msg_id: 'a', attempt: 1 }
  const common = { t_invoke: 50, t_return: 51, client: 'ann' }
  const read = { conversation_id: chat, begin_seq: 1 }
  return [
    { ...common, op: 'send', args: { ...args, conversation_id: chat, text: '', via: 'ws' }, result: null },
    { ...common, op: 'ack', args, result: { outcome: 'ok', message } },
    { ...common, op: 'read', args: read, result: { outcome: 'ok', messages: [message], max_seq: 9 } },
  ]
}

function faults(...events: readonly Event[]): string[] {
  const found: string[] = []
  readingNeverFalls.check(buildWorld(events), (text) => void found.push(text))
  return found
}

test('what is marked is read from then on, and what is behind it is unread', () => {
  const events = [at(1, {}), mark(10, 4), at(20, { read_seq: 4, unread_count: 5 })]
  expect(faults(...events)).toEqual([])
  expect(readingNeverFalls.check(buildWorld(events), () => undefined)).toBe(2)
})

test('a read position that is lower than what was marked before is caught', () => {
  expect(faults(mark(10, 4), at(20, { read_seq: 3, unread_count: 6 }))).toHaveLength(1)
  expect(faults(mark(10, 4), at(10, { read_seq: 0 }))).toEqual([])
})

test('a read position that falls, and a visible maximum that does, are caught', () => {
  const marks = [mark(1, 3), mark(30, 5, 'unknown')]
  expect(
    faults(...marks, at(40, { read_seq: 5, unread_count: 4 }), at(50, { read_seq: 3, unread_count: 6 })),
  ).toEqual([expect.stringContaining('read fell from 5 to 3')])
  expect(faults(at(1, {}), at(9, { max_seq: 8, unread_count: 8 }))).toHaveLength(1)
})

test('two answers under way at the same time may come in either order', () => {
  const slow: Event = { ...at(5, { max_seq: 8, unread_count: 8 }), t_return: 30 } as Event
  expect(faults(slow, at(10, {}))).toEqual([])
})

test('a read position beyond everything that was read is caught, unless a mark may have been made', () => {
  expect(faults(at(20, { read_seq: 4, unread_count: 5 }))).toHaveLength(1)
  expect(faults(mark(10, 4, 'unknown'), at(20, { read_seq: 4, unread_count: 5 }))).toEqual([])
  expect(faults(mark(10, 4, 'fail'), at(20, { read_seq: 4, unread_count: 5 }))).toHaveLength(1)
})

test('whoever came in stands where the view begins, without having read', () => {
  const args = { conversation_id: chat, user: 'ann' }
  const join: Event = { t_invoke: 1, t_return: 2, client: 'ann', op: 'join', args, result: { outcome: 'ok' } }
  expect(faults(join, at(20, { read_seq: 4, unread_count: 5, min_seq: 5 }))).toEqual([])
})

test('an own message is read as soon as it is acked', () => {
  expect(faults(...own(), at(60, { read_seq: 7, unread_count: 2 }))).toEqual([])
  expect(faults(...own(), at(60, { read_seq: 0, unread_count: 9 }))).toHaveLength(1)
})

test('an unread count that is not what is visible behind the read position is caught, in lists too', () => {
  expect(faults(at(1, { unread_count: 8 }))).toHaveLength(1)
  const row = { conversation_id: chat, max_seq: 9, read_seq: 0, min_seq: 4, unread_count: 9 }
  const list = (unread_count: number): Event => ({
    ...{ t_invoke: 1, t_return: 2, client: 'ann', op: 'list', args: { when: 'final' } },
    result: { conversations: [{ ...row, unread_count }] },
  })
  expect(faults(list(9))).toHaveLength(1)
  expect(faults(list(6))).toEqual([])
})
