import {
  type Check,
  compileCheck,
  ImError,
  type Input,
  type Operation,
  type OperationName,
  operationNames,
  operations,
} from '@nexo-im/protocol'
import { Conflict } from './conflict.ts'
import { conversationHandlers } from './conversations/conversations.ts'
import { syncHandlers } from './conversations/sync.ts'
import { applicationHandlers } from './groups/applications.ts'
import { invitationHandlers } from './groups/group-invitations.ts'
import { memberHandlers } from './groups/group-members.ts'
import { roleHandlers } from './groups/group-roles.ts'
import { settingHandlers } from './groups/group-settings.ts'
import { groupHandlers } from './groups/groups.ts'
import { linkHandlers } from './groups/invite-links.ts'
import type { Handlers, Result } from './handler.ts'
import { amendmentHandlers } from './messages/amendments.ts'
import { historyHandlers } from './messages/history.ts'
import { messageHandlers, storedTwin } from './messages/messages.ts'
import { targetOf } from './messages/target.ts'
import { deletionHandlers } from './people/account-deletion.ts'
import { exportHandlers } from './people/account-export.ts'
import { accountHandlers } from './people/accounts.ts'
import { friendRequestHandlers } from './people/friend-requests.ts'
import { operatorHandlers } from './people/operators.ts'
import { privacyHandlers } from './people/privacy-settings.ts'
import { relationHandlers } from './people/relations.ts'
import { signInHandlers } from './people/sign-ins.ts'
import { userSearchHandlers } from './people/user-search.ts'
import { watchingHandlers } from './people/watching.ts'
import { needsProof, type Proof, prove, turnOf } from './policy.ts'
import { takeLimits } from './request-limits.ts'
import { noteOperation } from './tally.ts'
import type { Caller, World } from './world.ts'

/** An operation without a handler does not compile. */
const handlers: Handlers = {
  ...accountHandlers,
  ...signInHandlers,
  ...exportHandlers,
  ...deletionHandlers,
  ...operatorHandlers,
  ...userSearchHandlers,
  ...privacyHandlers,
  ...watchingHandlers,
  ...friendRequestHandlers,
  ...relationHandlers,
  ...groupHandlers,
  ...memberHandlers,
  ...settingHandlers,
  ...roleHandlers,
  ...applicationHandlers,
  ...invitationHandlers,
  ...linkHandlers,
  ...messageHandlers,
  ...historyHandlers,
  ...amendmentHandlers,
  ...conversationHandlers,
  ...syncHandlers,
}

const checks = new Map<OperationName, Check>(
  operationNames.map((n) => [n, compileCheck(operations[n].input)]),
)

export type Dispatch = <N extends OperationName>(caller: Caller, name: N, raw: unknown) => Promise<Result<N>>

/** For whoever comes while the writer is behind. Made once: a stack for each would cost more than the refusal itself. */
export const tooMuch = new ImError('too_many_requests', { retryAfter: 1 })

/** Attempts against records that change meanwhile; only many nodes on one object get anywhere near it. */
const tries = 8

/**
 * The one way into the domain, for every door: input → caller → limits → policy → before-hooks → handler → on-hooks.
 * What a handler writes rests on what policy saw; when that moved meanwhile, both run again. Throws ImError and nothing
 * else that a door may show.
 */
export function createDispatch(world: World): Dispatch {
  const { tally, patience } = world

  async function perform<N extends OperationName>(caller: Caller, name: N, raw: unknown): Promise<Result<N>> {
    const began = tally.now()
    try {
      const operation: Operation = operations[name]
      if (operation.access === 'user' && caller.userId === '') throw new ImError('token_missing')
      if (caller.session?.isEnded) throw new ImError('unauthorized')
      if (operation.access === 'operator' && !caller.isOperator) throw new ImError('operators_only')
      // Before anything is worked out for it: what is refused must cost next to nothing.
      if (operation.writes && world.writer.isBehind()) throw tooMuch
      const input = readInput(name, raw) as Input<N>
      takeLimits(world, caller, operation, input)
      const work = (): Promise<Result<N>> => attempt(world, caller, name, input)
      const turn = operation.writes ? turnOf(name, caller, input) : undefined
      const result = turn === undefined ? await work() : await world.turns.take(turn, work)
      if (operation.writes) world.hooks.done(name, caller, input)
      noteOperation(tally, name, tally.now() - began)
      return result
    } catch (error) {
      noteOperation(tally, name, tally.now() - began, error)
      throw error
    }
  }

  return (caller, name, raw) => {
    const work = perform(caller, name, raw)
    // Everything else that writes might be done twice by somebody who was sent away; and a hook has a limit of its own.
    const { writes }: Operation = operations[name]
    const mayRepeat = writes !== true || isSend(name)
    return mayRepeat && !world.hooks.hasBefore(name) ? patience.wait(work, caller.askedAt) : work
  }
}

/** May be repeated without being done twice, by the id that the client gave it. */
export const isSend = (name: OperationName | undefined): boolean =>
  name === 'message.send' || name === 'message.send_without_mark_read'

async function attempt<N extends OperationName>(
  world: World,
  caller: Caller,
  name: N,
  given: Input<N>,
): Promise<Result<N>> {
  let input = given
  let asked = !world.hooks.hasBefore(name)
  for (let i = 0; i < tries; i++) {
    try {
      const proof = needsProof(name) ? await prove(world, caller, name, input) : undefined
      if (!asked) {
        asked = true
        const answer = await world.hooks.before(name, caller, input)
        if (answer !== input) {
          // What a hook made of it is judged as if it had come from outside.
          input = readInput(name, answer) as Input<N>
          continue
        }
      }
      return await handlers[name](world, caller, input, proof as Proof<N>)
    } catch (error) {
      if (error instanceof Conflict) continue
      const twin = isTelling(error) ? await repeated(world, caller, name, input) : undefined
      if (twin === undefined) throw error
      return twin as Result<N>
    }
  }
  throw new ImError('unavailable', { detail: 'it changes too fast', retryAfter: 1 })
}

/** A store that just did not answer would keep whoever waits for a second time; his repeat asks for the twin. */
const isTelling = (error: unknown): boolean => error instanceof ImError && error.kind !== 'unavailable'

/** A refused send may be the repeat of a stored one: its sender must learn the truth, even after leaving. */
function repeated(
  world: World,
  caller: Caller,
  name: OperationName,
  input: unknown,
): Promise<unknown> | undefined {
  if (!isSend(name)) return undefined
  const send = input as Input<'message.send'>
  return storedTwin(world, caller, targetOf(caller.userId, send).conversation, send)
}

/**
 * Known fields only; `null` and `""` count as absent, so what is required must really be there.
 * Throws 1001 with the failing path.
 */
function readInput(name: OperationName, raw: unknown): unknown {
  if (raw === undefined || raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    throw new ImError('invalid_parameter', { detail: 'a JSON object is required' })
  }
  const input: Record<string, unknown> = {}
  for (const field of Object.keys(operations[name].input.properties)) {
    // hasOwn: a field called like a member of Object.prototype must not be found on it.
    if (!Object.hasOwn(raw, field)) continue
    const value = (raw as Record<string, unknown>)[field]
    if (value !== null && value !== '') input[field] = value
  }
  const problem = checks.get(name)?.(input)
  if (problem !== undefined)
    throw new ImError('invalid_parameter', { detail: problem.replace(/^[.:]\s*/, '') })
  return input
}

/** A caller nobody has identified yet. */
export function stranger(address: string | undefined): Caller {
  const nobody = { userId: '', sessionId: '', platformId: 0 }
  return address === undefined ? nobody : { ...nobody, address }
}
