import { expect, it } from 'vitest'
import { openMemoryStore } from '../storage/memory.ts'
import { manualClock } from '../testing/clock.ts'
import { testCore } from '../testing/domain/core.ts'

it('a send that would wait for too long is refused at once, reads are not, and what was accepted is kept', async () => {
  const clock = manualClock()
  const inner = openMemoryStore()
  const store = {
    ...inner,
    commit: (propose: Parameters<typeof inner.commit>[0]) => {
      clock.advance(400)
      return inner.commit(propose)
    },
  }
  const core = await testCore({ clock, store })
  const [ann] = [await core.person('ann'), await core.person('bob')]
  let sent = 0
  const send = () =>
    core.dispatch(ann, 'message.send', {
      client_msg_id: `m${sent++}`,
      recv_id: 'bob',
      session_type: 1,
      msg_type: 1,
      content: { text: { text: 'hello' } },
    })
  const many = Array.from({ length: 7000 }, send)
  const [first] = await Promise.all(many.slice(1000, 1001))
  await many[3000]
  await expect(send()).rejects.toMatchObject({ kind: 'too_many_requests', retryAfter: 1 })
  await core.dispatch(ann, 'user.info', {})
  await Promise.all(many)
  const last = await send()
  expect(first?.seq).toBe(1001)
  expect(last.seq).toBe(7001)
})
