import {
  type Check,
  compileCheck,
  ImError,
  type Input,
  type Message,
  type Operation,
  type OperationName,
  type Output,
  operationNames,
  operations,
} from '@nexo-im/protocol'
import * as accounts from './accounts.ts'
import * as conversations from './conversations.ts'
import * as groups from './groups.ts'
import * as messages from './messages.ts'
import { needsProof, type Proof, prove } from './policy.ts'
import type { Entry } from './ports.ts'
import type { Caller, World } from './world.ts'

/** An answer as the domain gives it: messages are still as stored, each door shows them in its own view. */
export type Result<N extends OperationName> = WithEntries<Output<N>>
type WithEntries<T> = T extends Message
  ? Entry
  : T extends readonly (infer U)[]
    ? WithEntries<U>[]
    : T extends object
      ? { [K in keyof T]: WithEntries<T[K]> }
      : T

type Handlers = {
  [N in OperationName]: (
    world: World,
    caller: Caller,
    input: Input<N>,
    proof: Proof<N>,
  ) => Result<N> | Promise<Result<N>>
}

/** One line per operation; an operation without a handler does not compile. */
const handlers: Handlers = {
  'auth.register': accounts.register,
  'auth.login': accounts.login,
  'auth.logout': accounts.logout,
  'user.info': async (world, caller) => accounts.publicUser(await accounts.needUser(world, caller.userId)),
  'user.profile': async (world, _, input) =>
    accounts.publicUser(await accounts.needUser(world, input.user_id)),
  'user.update': accounts.update,
  'user.batch_info': (world, _, input) => accounts.batchInfo(world, input.user_ids),
  'presence.get': (world, _, input) => input.user_ids.map(world.presence.online),
  'presence.subscribe': (world, caller, input) => {
    if (!caller.session) throw new ImError('invalid_protocol', { detail: 'only a socket can be told' })
    world.presence.subscribe(caller.session, input.user_ids)
    return input.user_ids.map(world.presence.online)
  },
  'group.create': groups.create,
  'group.join': groups.join,
  'group.quit': groups.quit,
  'group.info': (world, _, input) => groups.info(world, input),
  'group.members': (world, _, input) => groups.members(world, input),
  'message.send': (world, caller, input) => messages.send(world, caller, input, true),
  'message.send_without_mark_read': (world, caller, input) => messages.send(world, caller, input, false),
  'message.pull': (world, _, input, window) => messages.pull(world, input, window),
  'message.pull_list': (world, _, input, window) => messages.pullList(world, input, window),
  'message.max_seq': (_world, _, _input, window) => ({ max_seq: window.maxSeq }),
  'message.newest_seqs': (world, caller, input) =>
    conversations.newestSeqs(world, caller, input.conversation_ids),
  'conversation.list': conversations.list,
  'conversation.all': conversations.all,
  'conversation.info': conversations.info,
  'conversation.update': conversations.update,
  'conversation.mark_read': conversations.markRead,
  'conversation.read_state': (_world, _, _input, window) => conversations.readState(window),
  'conversation.unread_count': conversations.unreadCount,
}

const checks = new Map<OperationName, Check>(
  operationNames.map((n) => [n, compileCheck(operations[n].input)]),
)

export type Dispatch = <N extends OperationName>(caller: Caller, name: N, raw: unknown) => Promise<Result<N>>

/**
 * The one way into the domain, for every door: input → caller → limits → policy → handler.
 * Throws ImError and nothing else that a door may show.
 */
export function createDispatch(world: World): Dispatch {
  return async function dispatch<N extends OperationName>(
    caller: Caller,
    name: N,
    raw: unknown,
  ): Promise<Result<N>> {
    const input = readInput(name, raw) as Input<N>
    const operation: Operation = operations[name]
    if (operation.access === 'user' && caller.userId === '') throw new ImError('token_missing')
    if (operation.frameOutput !== undefined) world.limits.sends.take(caller.userId)
    const proof = needsProof(name) ? await prove(world, caller, name, input) : undefined
    return handlers[name](world, caller, input, proof as Proof<N>)
  }
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
