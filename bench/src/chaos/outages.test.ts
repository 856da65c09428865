import { expect, test } from 'vitest'
import type { Ack, Event } from '../checker/history.ts'
import { outageFindings } from './outages.ts'

const second = 1_000_000
const outage = { from: 10 * second, begun: 14 * second, to: 15 * second }
const message = {
  conversation_id: 'c',
  client_msg_id: 'm',
  seq: 1,
  server_msg_id: 1,
  sender_id: 'ann',
  send_at: 1,
}

function ack(from: number, to: number, outcome: 'ok' | 'unknown'): Ack {
  const result = outcome === 'ok' ? { outcome, message } : { outcome, code: 4005 }
  const args = { client_msg_id: 'm', attempt: 1 }
  return { op: 'ack', client: 'ann', t_invoke: from * second, t_return: to * second, args, result }
}

const findings = (...acks: readonly Event[]): ReturnType<typeof outageFindings> =>
  outageFindings(acks, outage)

test('an ack while the server was dead is false, one that was on its way is not', () => {
  expect(findings(ack(9, 10.2, 'ok'), ack(9, 11, 'ok'), ack(11, 13, 'ok')).falseAcks).toBe(2)
  expect(findings(ack(9, 10.2, 'ok'), ack(11, 14.5, 'ok'), ack(11, 12, 'unknown')).falseAcks).toBe(0)
})

test('the longest wait is that of a send begun in the outage, whatever it was told', () => {
  expect(findings(ack(1, 9, 'ok'), ack(11, 13, 'unknown'), ack(14, 17, 'ok')).longestWaitMs).toBe(3000)
})

test('the service is back with the first ack of a message that was sent after the server answered', () => {
  expect(findings(ack(14, 15.1, 'ok'), ack(16, 17, 'ok'), ack(15.2, 18, 'ok')).backMs).toBe(2000)
  expect(findings(ack(14, 15.1, 'ok'), ack(16, 17, 'unknown')).backMs).toBe(Number.POSITIVE_INFINITY)
})
