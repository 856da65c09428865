import type { LimitName, Operation } from '@nexo-im/protocol'
import { targetOf } from './messages/target.ts'
import type { Caller, World } from './world.ts'

/**
 * What one request costs: of its user by kind, of its device and address, and a send of its conversation too.
 * Throws `too_many_requests` with the seconds to wait. The operator is exempt.
 */
export function takeLimits(world: World, caller: Caller, operation: Operation, input: unknown): void {
  if (caller.isOperator || caller.userId === '') return
  const { limits } = world
  const kind: LimitName = operation.limit ?? 'requests'
  limits[kind].take(caller.userId)
  limits.devices.take(caller.sessionId)
  if (caller.address !== undefined) limits.addresses.take(caller.address)
  if (operation.frameOutput !== undefined) {
    limits.conversations.take(targetOf(caller.userId, input as object).conversation)
  }
}
