import { ImError, type Input, memberStatus, parseConversationId, roles } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import { tellUsers } from '../conversations/telling.ts'
import type { View, Window } from '../conversations/windows.ts'
import { conditionOf } from '../groups/membership.ts'
import type { Handlers } from '../handler.ts'
import type { Entry, Expectation, Put, Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { erase } from './erasure.ts'
import { isGone } from './meta.ts'
import { type Sighting, sightings } from './sighting.ts'

async function recall(
  world: World,
  caller: Caller,
  { conversation_id: conversation }: Input<'message.recall'>,
  sighting: Sighting,
): Promise<null> {
  const expect = await needRight(world, caller.userId, conversation, [sighting.entry])
  await erase(world, { conversation, messages: [sighting], cause: 'recalled', by: caller.userId, expect })
  return null
}

/**
 * Own messages within the time for it; in groups admins those of members and the owner anybody's, at any time.
 * Resolves with the conditions this rests on. Throws `message_gone` for one that is gone already.
 */
async function needRight(
  world: World,
  userId: string,
  conversation: string,
  entries: readonly Entry[],
): Promise<Expectation[]> {
  const ref = parseConversationId(conversation)
  const members =
    ref?.type === 'group'
      ? await membersById(world, ref.groupId, [userId, ...entries.map((e) => e.sender_id)])
      : undefined
  for (const entry of entries) {
    needRightTo(world, userId, entry, members)
    if (isGone(entry)) throw new ImError('message_gone', { detail: `seq: ${entry.seq}` })
  }
  return members ? [...members.values()].map(conditionOf) : []
}

async function membersById(
  world: World,
  groupId: string,
  ids: readonly string[],
): Promise<Map<string, Stored<'member'>>> {
  const unique = [...new Set(ids)]
  const rows = await world.store.get(
    'member',
    unique.map((id) => [groupId, id]),
  )
  return new Map(rows.flatMap((row) => (row ? [[row.user_id, row]] : [])))
}

function needRightTo(
  world: World,
  userId: string,
  entry: Entry,
  members: ReadonlyMap<string, Stored<'member'>> | undefined,
): void {
  const role = roleOf(members?.get(userId))
  if (role === roles.owner) return
  if (entry.sender_id === userId) {
    if (world.clock.now() <= entry.send_at + world.rules.recallWindow) return
    throw new ImError('too_late')
  }
  if (!members || role < roles.admin) throw new ImError('not_author')
  if (roleOf(members.get(entry.sender_id)) >= role) throw new ImError('role_too_low')
}

/** Whoever left counts as nobody's superior. */
function roleOf(member: Stored<'member'> | undefined): number {
  return member?.status === memberStatus.normal ? member.role_level : 0
}

async function deleteMessages(
  world: World,
  caller: Caller,
  input: Input<'message.delete'>,
  window: Window,
): Promise<null> {
  const { conversation_id: conversation } = input
  const seqs = [...new Set(input.seqs)]
  const outside = seqs.find((seq) => seq < window.minSeq || seq > window.maxSeq)
  if (outside !== undefined || !window.view)
    throw new ImError('message_not_found', { detail: `seq: ${outside ?? seqs[0]}` })
  if (!input.for_everyone) return hide(world, caller, window.view, seqs)
  if (window.view.max_seq !== null) throw new ImError('member_inactive')
  const messages = await sightings(world, caller.userId, conversation, window, seqs)
  if (messages.length < seqs.length) throw new ImError('message_not_found')
  const expect = await needRight(
    world,
    caller.userId,
    conversation,
    messages.map((m) => m.entry),
  )
  await erase(world, { conversation, messages, cause: 'deleted', by: caller.userId, expect })
  return null
}

/** For oneself alone: the message stays in the log, and out of sight on every own device. */
async function hide(world: World, caller: Caller, view: View, seqs: readonly number[]): Promise<null> {
  const { version, ...row } = view
  const { conversation_id, user_id } = row
  const known =
    row.hidden_count === 0
      ? []
      : await world.store.get(
          'hidden',
          seqs.map((seq) => [user_id, conversation_id, seq]),
        )
  const fresh = seqs.filter((_, i) => !known[i])
  if (fresh.length === 0) return null
  needRoom(world.rules.caps, 'hidden', row.hidden_count, fresh.length)
  await keep(world, {
    conversation: conversation_id,
    build: ({ position }) => ({
      expect: [{ kind: 'view', key: [conversation_id, user_id], version }],
      put: [
        ...fresh.map((seq): Put => ({ kind: 'hidden', row: { user_id, conversation_id, seq, position } })),
        { kind: 'view', row: { ...row, hidden_count: row.hidden_count + fresh.length, position } },
      ],
    }),
    kept: (_, { position }) =>
      tellUsers(world, [user_id], [{ position, hidden: { conversation_id, seqs: fresh } }], caller.session),
  })
  return null
}

export const recallHandlers = {
  'message.recall': recall,
  'message.delete': deleteMessages,
} satisfies Partial<Handlers>
