import { expect, test } from 'vitest'
import type { Push } from './history.ts'
import { pushesRise } from './order.ts'
import { buildWorld } from './world.ts'

const common = { t_invoke: 1, t_return: 1, client: 'ann', op: 'push' } as const

function push(conversation_id: string, seq: number, conn = 'ann-1'): Push {
  const message = { conversation_id, seq, server_msg_id: 1, client_msg_id: '', sender_id: 'bob', send_at: 1 }
  return { ...common, args: { conn }, result: { messages: [message] } }
}

const notice = (conn = 'ann-1'): Push => ({ ...common, args: { conn }, result: { resync: {} } })

function faultsOf(...pushes: readonly Push[]): string[] {
  const faults: string[] = []
  pushesRise.check(buildWorld(pushes), (text) => void faults.push(text))
  return faults
}

test('a notice without names announces one hole in every conversation of its connection', () => {
  expect(faultsOf(push('a', 1), push('b', 4), notice(), push('b', 9), push('a', 7), push('a', 8))).toEqual([])
  expect(faultsOf(push('a', 1), notice(), push('a', 3), push('a', 5))).toHaveLength(1)
  expect(faultsOf(push('a', 1), notice('ann-2'), push('a', 3))).toHaveLength(1)
})

test('a notice without names does not excuse a step back', () => {
  expect(faultsOf(push('a', 2), notice(), push('a', 1))).toHaveLength(1)
})
