import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Harness, startHarness } from '../testing/harness.ts'
import { type Person, signUp } from '../testing/wire.ts'

let server: Harness
let ann: Person
let bob: Person
let carl: Person
beforeAll(async () => {
  server = await startHarness({
    config: { 'limits.sends_per_minute': 1e9, 'websocket.write_channel_size': 16 },
  })
  ann = await signUp(server.url, 'ann')
  bob = await signUp(server.url, 'bob')
  carl = await signUp(server.url, 'carl')
})
afterAll(() => server.stop())

const raw = (socket: { raw: unknown }): { pause(): void; resume(): void } =>
  (socket.raw as { _socket: { pause(): void; resume(): void } })._socket

it('a socket that does not read gets a resync notice, nobody else waits, and a pull has everything', async () => {
  const { data: group } = await ann.post<{ id: string }>('/group/create', {
    name: 'G',
    member_ids: ['bob', 'carl'],
  })
  const slow = await bob.socket()
  const fast = await carl.socket()
  const sender = await ann.socket('nexo')
  raw(slow).pause()
  const words = 'x'.repeat(30_000)
  const count = 400
  for (let i = 0; i < count; i += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, k) =>
        sender.ask(1003, {
          client_msg_id: `s${i + k}`,
          group_id: group.id,
          msg_type: 1,
          content: { text: words },
        }),
      ),
    )
  }
  const pushes = (socket: typeof slow): number => socket.seen.filter((f) => f.id === 2001).length
  await expect.poll(() => pushes(fast)).toBe(count)
  raw(slow).resume()
  await expect.poll(() => slow.seen.some((f) => f.id === 3001), { timeout: 5000 }).toBe(true)
  expect(pushes(slow)).toBeLessThan(count)
  const notice = slow.seen.find((f) => f.id === 3001)
  expect(notice).toMatchObject({ code: 5004, data: { conversations: { [`sg_${group.id}`]: count } } })
  const pulled = await slow.ask(1005, {
    conversation_id: `sg_${group.id}`,
    begin_seq: pushes(slow) + 1,
    limit: 100,
  })
  expect(pulled.code).toBe(0)
  await Promise.all([slow.close(), fast.close(), sender.close()])
})
