import { asImError, type Operation, type OperationName, operationNames, operations } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { createTokens } from '../auth.ts'
import { manualClock } from '../testing/clock.ts'
import { type TestCore, testCore } from '../testing/domain/core.ts'
import { dumpStore } from '../testing/domain/dump.ts'
import { stranger } from './dispatch.ts'
import { authenticate } from './people/sign-ins.ts'
import {
  type Actor,
  actors,
  type Ids,
  matrix,
  type Object_,
  type Outcome,
  objects,
  type Row,
} from './policy.matrix.ts'
import type { Caller } from './world.ts'

/**
 * Every operation × who asks × of what (R32), against a table written by hand. A cell runs in a world of its own; what
 * is refused must leave the store as it was.
 */
interface Stage {
  readonly core: TestCore
  readonly tokens: Readonly<Record<Actor, string>>
  readonly ids: Readonly<Record<Object_, Ids>>
}

const secret = (id: string): string => `secret of ${id}`

async function signIn(core: TestCore, userId: string): Promise<string> {
  const nobody = stranger(undefined)
  await core.dispatch(nobody, 'auth.register', { user_id: userId, password: secret(userId) })
  const { token } = await core.dispatch(nobody, 'auth.login', { user_id: userId, password: secret(userId) })
  return token
}

/** One group with everybody in their part, one private group of others, and a friend who accepts messages. */
async function stage(): Promise<Stage> {
  const clock = manualClock()
  const core = await testCore({ clock, tokens: createTokens('a secret of thirty-two bytes or more', clock) })
  const names = [
    'stranger',
    'blocked',
    'ex',
    'muted',
    'member',
    'admin',
    'owner',
    'target',
    'outsider',
    'friend',
  ]
  const tokens: Record<string, string> = { anonymous: '' }
  for (const id of names) tokens[id] = await signIn(core, id)
  const as = (id: string): Promise<Caller> => authenticate(core.world, tokens[id] ?? '')
  const owner = await as('owner')
  const inside = ['ex', 'muted', 'member', 'admin', 'target']
  const { id: group } = await core.dispatch(owner, 'group.create', { name: 'G', member_ids: inside })
  const target = await as('target')
  const first = { group_id: group, client_msg_id: 'first', msg_type: 1, content: { text: 'first' } }
  await core.dispatch(target, 'message.send', first)
  await core.dispatch(owner, 'group.set_role', { group_id: group, user_id: 'admin', role_level: 2 })
  await core.dispatch(owner, 'group.mute', { group_id: group, user_id: 'muted', seconds: 3600 })
  await core.dispatch(await as('ex'), 'group.quit', { group_id: group })
  const { token: link } = await core.dispatch(owner, 'group.create_link', { group_id: group })
  const outsider = await as('outsider')
  const privately = { name: 'F', is_private: true, join_mode: 2 }
  const { id: foreign } = await core.dispatch(outsider, 'group.create', privately)
  const hello = { group_id: foreign, client_msg_id: 'f', msg_type: 1, content: { text: 'hello' } }
  await core.dispatch(outsider, 'message.send', hello)
  for (const id of ['target', 'friend', 'owner'])
    if (id !== 'friend') await core.dispatch(await as(id), 'block.add', { user_id: 'blocked' })
  for (const id of ['expired', 'revoked', 'banned']) tokens[id] = await signIn(core, id)
  await endThree(core, tokens)
  const { sessionId: session } = outsider
  return {
    core,
    tokens: tokens as Record<Actor, string>,
    ids: {
      own: { group, conversation: `sg_${group}`, user: 'target', link, session: '' },
      foreign: { group: foreign, conversation: `sg_${foreign}`, user: 'target', link, session },
      missing: { group: '404', conversation: 'sg_404', user: 'nobody', link: 'none', session: 'none' },
      malformed: {
        group: '4'.repeat(65),
        conversation: 'x'.repeat(257),
        user: 'u'.repeat(65),
        link: 'l'.repeat(65),
        session: 's'.repeat(65),
      },
    },
  }
}

/** One sign-in revoked, one account banned; the third expires when its cell moves the clock. */
async function endThree(core: TestCore, tokens: Record<string, string>): Promise<void> {
  const revoked = await authenticate(core.world, tokens['revoked'] ?? '')
  await core.dispatch(revoked, 'auth.logout', {})
  const operator: Caller = { userId: 'operator', sessionId: '', platformId: 0, isOperator: true }
  await core.dispatch(operator, 'operator.ban', { user_id: 'banned' })
}

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work()
    return 'ok'
  } catch (error) {
    return asImError(error).kind
  }
}

/** Without a good token only what is open to anybody answers, and answers everybody alike. */
function expected(name: OperationName, row: Row, actor: Actor, object: Object_): Outcome | undefined {
  const { access }: Operation = operations[name]
  const ends: Partial<Record<Actor, Outcome>> = {
    anonymous: 'token_missing',
    expired: 'token_expired',
    revoked: 'unauthorized',
    banned: 'banned',
  }
  const end = ends[actor]
  if (end !== undefined && access !== 'public')
    return actor === 'anonymous' && access === 'operator' ? 'operators_only' : end
  const outcome = row[object]
  if (outcome === undefined || typeof outcome === 'string') return outcome
  return outcome[actor as keyof typeof outcome]
}

async function run(
  name: OperationName,
  actor: Actor,
  object: Object_,
): Promise<{ got: Outcome; unchanged: boolean }> {
  const { core, tokens, ids } = await stage()
  const isPublic = operations[name].access === 'public'
  const ownSession = async (): Promise<Ids> => {
    if (object !== 'own' || isPublic || ['anonymous', 'expired', 'revoked', 'banned'].includes(actor))
      return ids[object]
    return { ...ids.own, session: (await authenticate(core.world, tokens[actor])).sessionId }
  }
  const input = matrix[name].input(await ownSession())
  if (actor === 'expired') core.clock.advance(3_600_001)
  const before = await dumpStore(core.store)
  const got = await outcomeOf(async () => {
    const nobody = actor === 'anonymous' || isPublic
    const caller = nobody ? stranger(undefined) : await authenticate(core.world, tokens[actor])
    return core.dispatch(caller, name, input)
  })
  return { got, unchanged: (await dumpStore(core.store)) === before }
}

/** The four without a session are equal on every object, and public operations to everybody: those cells add nothing. */
function cells(name: OperationName): [Actor, Object_, Outcome][] {
  return actors.flatMap((actor) =>
    objects.flatMap((object): [Actor, Object_, Outcome][] => {
      const outcome = expected(name, matrix[name], actor, object)
      return outcome === undefined ? [] : [[actor, object, outcome]]
    }),
  )
}

/** What the contract says an operation may answer. */
function declared(name: OperationName): ReadonlySet<string> {
  const operation: Operation = operations[name]
  const session = ['token_missing', 'token_invalid', 'token_expired', 'unauthorized', 'banned']
  return new Set(['invalid_parameter', 'operators_only', 'invalid_protocol', ...session, ...operation.errors])
}

let count = 0

describe('who may do what', () => {
  it.each(operationNames)('%s', async (name) => {
    const all = cells(name)
    const found: string[] = []
    for (const [actor, object, outcome] of all) {
      const { got, unchanged } = await run(name, actor, object)
      if (got !== 'ok' && !declared(name).has(got))
        found.push(`${actor} × ${object}: ${got} is not in the contract`)
      if (got !== outcome) found.push(`${actor} × ${object}: ${got} instead of ${outcome}`)
      if (got !== 'ok' && !unchanged)
        found.push(`${actor} × ${object}: refused with ${got}, and yet something changed`)
      count += 1
    }
    expect(found).toEqual([])
    expect(all.length).toBeGreaterThanOrEqual(actors.length)
  })

  it('is told for thousands of cells', () => {
    expect(count).toBeGreaterThan(3700)
  })
})
