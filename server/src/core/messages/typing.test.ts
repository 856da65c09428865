import { expect, it } from 'vitest'
import { castOf } from '../../testing/domain/cast.ts'
import { device } from '../../testing/domain/device.ts'

it('nobody is told who types in a group of more than five hundred, and nobody is refused', async () => {
  const cast = await castOf()
  const group_id = await cast.found('ann', { members: ['bob'] })
  const conversation_id = `sg_${group_id}`
  const { router } = cast.core.world
  const listener = { option: 0, minSeq: 1, readSeq: 0, deliveredSeq: 0 }
  const bob = await device(cast.core, 'bob')
  const told = async () => {
    await cast.act('ann', 'message.typing', { conversation_id, typing: true })
    return (await bob.heard()).filter((t) => t.name === 'typing').length
  }
  expect(await told()).toBe(1)
  for (let i = 0; i < 498; i++) router.setMember(conversation_id, `m${i}`, listener)
  expect(await told()).toBe(1)
  router.setMember(conversation_id, 'one more', listener)
  expect(await told()).toBe(0)
})
