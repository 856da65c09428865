import { expect, test } from 'vitest'
import { countersAgree } from './counters.ts'
import type { Event, Sighting } from './history.ts'
import { nothingLeaks } from './leaks.ts'
import type { Rule } from './rule.ts'
import type { Server } from './side-history.ts'
import { buildWorld } from './world.ts'

const chat = 'si_ann:bob'
const common = { t_invoke: 1, t_return: 2, client: 'ann' } as const
const ok = 'im_requests_total{operation="message.send",error="ok",code="0"}'
const refused = 'im_requests_total{operation="message.send",error="not_member",code="3003"}'
const turnedAway = 'im_errors_total{door="http",error="unauthorized",code="1003"}'
const stored = 'im_messages_stored_total'
const failed = 'im_commits_failed_total'

function server(
  when: 'begin' | 'end',
  figures: Record<string, number> | undefined,
  rest: Partial<Server['result']> = {},
): Event {
  const result = { pid: 7, files: 30, ...(figures && { figures }), ...rest }
  return { ...common, client: 'servers', op: 'server', args: { node: 0, when }, result }
}

function send(id: string, code: number | undefined, seq = 0): Event[] {
  const args = { client_msg_id: id, attempt: 1 }
  const place = { conversation_id: chat, seq, server_msg_id: seq, send_at: 1, sender_id: 'ann', text: '' }
  const message: Sighting = { ...place, client_msg_id: id }
  const begun: Event = {
    ...{ ...common, op: 'send', result: null },
    args: { ...args, conversation_id: chat, text: '', via: 'ws' },
  }
  if (code === undefined) return [begun]
  const result = code === 0 ? { outcome: 'ok' as const, message } : { outcome: 'fail' as const, code }
  const answer: Event = { ...common, op: 'ack', args, result }
  const read: Event = {
    ...{ ...common, op: 'read', args: { conversation_id: chat, begin_seq: 1 } },
    result: { outcome: 'ok', messages: [message], max_seq: seq },
  }
  return code === 0 ? [begun, answer, read] : [begun, answer]
}

/** Two acks, a refusal by the group, one of the token, and one without an answer. */
const sends = [
  ...send('a', 0, 1),
  ...send('b', 0, 2),
  ...send('c', 3003),
  ...send('d', 1003),
  ...send('e', undefined),
]
const before = { [ok]: 100, [stored]: 50 }
const after = { [ok]: 102, [stored]: 52, [refused]: 1, [turnedAway]: 1 }

function faultsOf(rule: Rule, ...events: readonly Event[]): string[] {
  const found: string[] = []
  rule.check(buildWorld(events), (text) => void found.push(text))
  return found
}

const counts = (end: Record<string, number>, rest: Partial<Server['result']> = {}): string[] =>
  faultsOf(countersAgree, ...sends, server('begin', before), server('end', end, rest))

test('counters that rose by what the clients had agree, and an attempt without an answer may count or not', () => {
  expect(counts(after)).toEqual([])
  expect(counts({ ...after, [ok]: 103 })).toEqual([])
  const events = [...sends, server('begin', before), server('end', after)]
  expect(countersAgree.check(buildWorld(events), () => undefined)).toBeGreaterThan(2)
})

test('acks that are counted too low, or higher than attempts explain, are caught', () => {
  expect(counts({ ...after, [ok]: 101 })).toHaveLength(1)
  expect(counts({ ...after, [ok]: 104 })).toHaveLength(1)
})

test('refusals that are counted too low or too high are caught', () => {
  expect(counts({ ...after, [refused]: 0 })).toHaveLength(1)
  expect(counts({ ...after, [refused]: 3 })).toHaveLength(1)
  expect(counts({ ...after, [turnedAway]: 0 })).toHaveLength(1)
})

test('messages stored and not counted are caught, unless a commit failed; counted and not stored always', () => {
  expect(counts({ ...after, [stored]: 51 })).toHaveLength(1)
  expect(counts({ ...after, [stored]: 51, [failed]: 1 })).toEqual([])
  expect(counts({ ...after, [stored]: 53, [failed]: 1 })).toHaveLength(1)
})

test('messages of those who keep no history are added', () => {
  expect(counts({ ...after, [stored]: 57, [ok]: 107 }, { aside: 5 })).toEqual([])
})

test('a server that was another process, or told nothing, is not looked at', () => {
  const wrong = { ...after, [stored]: 99 }
  expect(counts(wrong, { pid: 8 })).toEqual([])
  const silent = [...sends, server('begin', before), server('end', undefined)]
  expect(countersAgree.check(buildWorld(silent), () => undefined)).toBe(0)
  expect(countersAgree.check(buildWorld(sends), () => undefined)).toBe(0)
})

const calm = { 'im_sockets{platform="web",protocol="nexo.v1"}': 0, im_users_online: 0 }
const leaks = (figures: Record<string, number>, rest: Partial<Server['result']> = {}): string[] =>
  faultsOf(nothingLeaks, server('begin', calm), server('end', figures, rest))

test('a server that is as it was before leaks nothing, in whichever life', () => {
  expect(leaks(calm)).toEqual([])
  expect(leaks(calm, { pid: 8, files: 35 })).toEqual([])
})

test('files that stay open are caught, connections kept to a database are none', () => {
  expect(leaks(calm, { files: 60 })).toHaveLength(1)
  expect(leaks({ ...calm, im_store_pool_limit_connections: 20 }, { files: 60 })).toEqual([])
})

test('sockets, users and waiting work that stay when nobody is there are caught', () => {
  expect(leaks({ ...calm, 'im_sockets{platform="ios",protocol="nexo"}': 1 })).toHaveLength(1)
  for (const name of ['im_users_online', 'im_writer_waiting_changes', 'im_push_waiting_sockets'])
    expect(leaks({ ...calm, [name]: 1 })).toHaveLength(1)
})
