import { expect, it } from 'vitest'
import { testCore } from '../testing/domain/core.ts'

it('requests of an address are counted over all its users; loopback has none', async () => {
  const core = await testCore({ limits: { addressPerMinute: 3 } })
  const [ann, bob] = [await core.person('ann'), await core.person('bob')]
  const from = { address: '203.0.113.7' }
  for (const who of [ann, bob, ann]) await core.dispatch({ ...who, ...from }, 'user.info', {})
  await expect(core.dispatch({ ...bob, ...from }, 'user.info', {})).rejects.toMatchObject({
    kind: 'too_many_requests',
    retryAfter: 60,
  })
  await core.dispatch(bob, 'user.info', {})
  core.clock.advance(60_000)
  await core.dispatch({ ...bob, ...from }, 'user.info', {})
})

it('the operator is not counted', async () => {
  const core = await testCore({ limits: { requestsPerMinute: 1 } })
  const operator = { ...(await core.person('ann')), isOperator: true }
  const asked = Array.from({ length: 5 }, () => core.dispatch(operator, 'user.info', {}))
  expect(await Promise.all(asked)).toHaveLength(5)
})

it('one more presence subscription than allowed is refused', async () => {
  const core = await testCore()
  const ann = await core.person('ann')
  const user_ids = Array.from({ length: 1001 }, (_, i) => `u${i}`)
  await expect(core.dispatch(ann, 'presence.subscribe', { user_ids })).rejects.toMatchObject({
    kind: 'invalid_parameter',
  })
})
