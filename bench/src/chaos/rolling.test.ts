import { expect, test } from 'vitest'
import type { Event } from '../checker/history.ts'
import { isKept } from './measure.ts'
import { graceOf, orderOf } from './rolling.ts'

const users = [{ userId: 'ann', token: '', talks: [{ id: 'si_ann:bob', target: { recv_id: 'bob' } }] }]
const common = { t_invoke: 1, t_return: 2, client: 'ann' }

function send(conversation_id: string, outcome: 'ok' | 'fail' | 'unknown'): Event[] {
  const client_msg_id = `${conversation_id} ${outcome}`
  const message = { conversation_id, client_msg_id, seq: 1, server_msg_id: 1, sender_id: 'ann', send_at: 1 }
  return [
    {
      ...common,
      op: 'send',
      args: { client_msg_id, conversation_id, text: '', attempt: 1, via: 'ws' },
      result: null,
    },
    {
      ...common,
      op: 'ack',
      args: { client_msg_id, attempt: 1 },
      result: outcome === 'ok' ? { outcome, message } : { outcome, code: 1 },
    },
  ]
}

const close = (code: number): Event => ({ ...common, op: 'close', args: { conn: 'c', code }, result: null })
const broken = (events: readonly Event[]): string[] =>
  graceOf(users, events)
    .filter((measure) => !isKept(measure))
    .map(({ name }) => name)

const fine = [...send('si_ann:bob', 'ok'), ...send('si_cid:dan', 'fail'), close(1012)]

test('a round in which all sends ended in acks and all sockets were told to move is graceful', () => {
  expect(broken(fine)).toEqual([])
})

test('a send that was refused, or whose end nobody knows, is not', () => {
  for (const outcome of ['fail', 'unknown'] as const)
    expect(broken([...fine, ...send('si_ann:bob', outcome)])).toEqual(['sends that did not end in an ack'])
})

test('a socket that broke is not, and neither is a round in which nobody was told', () => {
  expect(broken([...fine, close(1006)])).toEqual(['sockets that ended without 1012'])
  expect(broken(send('si_ann:bob', 'ok'))).toEqual(['runs in which nobody was told 1012'])
})

test('readiness must fail before the first client is sent away', () => {
  const at = (t_invoke: number): Event => ({ ...close(1012), t_invoke, t_return: t_invoke })
  const values = (unready: number | undefined): readonly number[] =>
    orderOf([{ told: 100, unready }], [at(50), at(300), at(200)]).values
  expect(values(150)).toEqual([0])
  expect(values(250)).toEqual([1])
  expect(values(undefined)).toEqual([1])
})
