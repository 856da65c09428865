import { expect, test } from 'vitest'
import type { Link } from '../wire/link.ts'
import { Tally } from './tally.ts'

const link = { index: 1, outstanding: 1 } as Link

test('latency counts from when a message was to be sent, not from when a late generator wrote it', () => {
  const tally = new Tally({ clients: [{ token: '0' }, { token: '1' }], conversations: [] })
  const now = performance.now()
  tally.measure(now - 1000, now + 1000)
  const n = tally.sent(0, now - 500, now)
  tally.tick()
  tally.acked(link, n, 1, 1)
  tally.pushed(link, n, 1)
  expect(tally.ack.latency().p50Ms).toBeGreaterThan(490)
  expect(tally.delivery.latency().p50Ms).toBeGreaterThan(490)
  expect(tally.service.latency().p50Ms).toBeLessThan(490)
})
