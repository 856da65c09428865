import type { Input, OperationName } from '@nexo-im/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Client } from './api.ts'
import { createWorld, text, type World } from './testing/world.ts'

const chat = 'si_ann:bob'
const other = 'si_ann:cem'
const room = 'sg_g1'
const places = [chat, other, room] as const

type Fate = 'deliver' | 'drop' | 'twice' | 'hold'

interface Step {
  readonly kind: number
  readonly place: (typeof places)[number]
  readonly pick: number
  readonly fate: Fate
  readonly settle: boolean
}

/** What may happen; whatever the ledger refuses did not happen. */
type Deed = (world: World, ann: Client, step: Step) => void

const peer = (place: string): string => (place === other ? 'cem' : 'bob')
const sayer = (place: string) => (place === room ? { group_id: 'g1' } : { recv_id: 'ann' })
const emojis = ['👍', '🎉'] as const

/** Done by somebody over a device of their own. */
const by =
  <N extends OperationName>(
    who: 'ann' | 'peer',
    name: N,
    input: (at: { conversation_id: string; seq: number }, step: Step) => Input<N>,
  ): Deed =>
  (world, _, step) => {
    const { server } = world
    // Of what happens to old messages after one left a group only a new load would tell.
    if (who === 'peer' && step.place === room && !isMember(world)) return
    const seq = (step.pick % Math.max(1, server.ledger.log(step.place).length)) + 1
    const me = who === 'ann' ? 'ann' : peer(step.place)
    server.ledger.perform(me, name, input({ conversation_id: step.place, seq }, step))
  }

/** Done on the client under test. */
const here =
  (act: (ann: Client, at: { id: string; seq: number }, step: Step) => Promise<unknown>): Deed =>
  ({ server }, ann, step) => {
    const seq = (step.pick % Math.max(1, server.ledger.log(step.place).length)) + 1
    act(ann, { id: step.place, seq }, step).catch(() => undefined)
  }

const emoji = ({ pick }: Step): string => emojis[pick % 2] ?? ''
const isMember = ({ server }: World): boolean => server.ledger.members.get('g1 ann')?.value.status === 1

const deeds: readonly Deed[] = [
  ({ server }, _, { place, pick }) => {
    server.ledger.say(peer(place), sayer(place), `m${pick}`, pick % 3 === 0 ? ['ann'] : undefined)
  },
  ({ server }, _, { place, pick }) => {
    for (let i = 0; i < 30; i++) server.ledger.say(peer(place), sayer(place), `burst ${pick} ${i}`)
  },
  by('peer', 'message.edit', (at) => ({ ...at, content: { text: { text: `edited ${at.seq}` } } })),
  by('peer', 'message.recall', (at) => at),
  by('peer', 'message.react', (at, step) => ({ ...at, emoji: emoji(step) })),
  by('peer', 'message.react', (at, step) => ({ ...at, emoji: emoji(step), remove: true })),
  by('peer', 'message.pin', (at) => at),
  by('peer', 'message.unpin', (at) => at),
  by('peer', 'conversation.mark_read', ({ seq, ...at }) => ({ ...at, read_seq: seq })),
  by('peer', 'conversation.set_expiry', ({ conversation_id }, { pick }) => ({
    conversation_id,
    seconds: pick % 2,
  })),
  by('ann', 'message.react', (at, step) => ({ ...at, emoji: emoji(step) })),
  by('ann', 'message.react', (at, step) => ({ ...at, emoji: emoji(step), remove: true })),
  by('ann', 'message.delete', ({ seq, ...at }) => ({ ...at, seqs: [seq] })),
  by('ann', 'conversation.mark_read', ({ seq, ...at }) => ({ ...at, read_seq: seq })),
  by('ann', 'conversation.clear', ({ conversation_id }) => ({ conversation_id })),
  by('ann', 'conversation.update', ({ conversation_id }, { pick }) => ({
    conversation_id,
    is_pinned: pick % 2 > 0,
  })),
  by('ann', 'conversation.update', ({ conversation_id }) => ({ conversation_id, is_hidden: true })),
  by('ann', 'conversation.update', ({ conversation_id }) => ({ conversation_id, is_marked_unread: true })),
  by('ann', 'conversation.draft', ({ conversation_id }, { pick }) => ({
    conversation_id,
    text: `draft ${pick}`,
  })),
  by('ann', 'message.send', (_, { place, pick }) => ({
    client_msg_id: `elsewhere ${pick}`,
    msg_type: 1,
    content: { text: { text: 'from elsewhere' } },
    ...(place === room ? { group_id: 'g1' } : { recv_id: peer(place) }),
  })),
  by('ann', 'user.update', (_, { pick }) => ({ nickname: `Ann ${pick}` })),
  by('ann', 'privacy.update', (_, { pick }) => ({ see_read: pick % 3 })),
  by('ann', 'block.add', (_, { place }) => ({ user_id: peer(place) })),
  by('ann', 'block.remove', (_, { place }) => ({ user_id: peer(place) })),
  by('ann', 'friend.remark', (_, { place, pick }) => ({ user_id: peer(place), remark: `r${pick}` })),
  by('ann', 'friend.request', (_, { place }) => ({ user_id: peer(place) })),
  by('ann', 'friend.accept', (_, { place }) => ({ user_id: peer(place) })),
  by('ann', 'friend.withdraw', (_, { place }) => ({ user_id: peer(place) })),
  by('peer', 'friend.request', () => ({ user_id: 'ann' })),
  by('peer', 'friend.accept', () => ({ user_id: 'ann' })),
  by('peer', 'friend.delete', () => ({ user_id: 'ann' })),
  (world, _, { pick }) => {
    const name = `Room ${pick}`
    if (isMember(world)) world.server.ledger.setGroup('g1', { name }, 'group_changed', 'bob')
  },
  (world) => {
    if (isMember(world)) world.server.ledger.leave('g1', 'ann')
    else world.server.ledger.join('g1', 'ann')
  },
  here((ann, { id, seq }) => ann.markRead(id, seq)),
  here((ann, { id, seq }, step) => ann.react(id, seq, emoji(step), step.pick % 3 === 0)),
  here((ann, { id, seq }) => ann.remove(id, [seq])),
  here((ann, { id, seq }) => ann.edit(id, seq, { text: { text: `edited here ${seq}` } })),
  here((ann, { id }) => ann.call('conversation.clear', { conversation_id: id })),
  here((ann, { id }, { pick }) =>
    ann.call('conversation.update', { conversation_id: id, is_pinned: pick % 2 > 0 }),
  ),
  here(async (ann, { id }, { pick }) => ann.setDraft(id, `typed ${pick}`)),
  here((ann, _, { place }) => ann.call('friend.accept', { user_id: peer(place) })),
  here((ann, _, { place }) => ann.call('block.add', { user_id: peer(place) })),
  here(
    (ann, _, { place, pick }) =>
      ann.send(place === room ? { groupId: 'g1' } : { userId: peer(place) }, text(`here ${pick}`)).acked,
  ),
  ({ server }) => server.cut(),
  ({ server }) => server.cut(),
]

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(deeds.length - 1),
  place: fc.constantFrom(...places),
  pick: fc.nat(1000),
  fate: fc.constantFrom(
    'deliver' as const,
    'deliver' as const,
    'drop' as const,
    'twice' as const,
    'hold' as const,
  ),
  settle: fc.boolean(),
})

/** Pushes of messages and changes meet the same fate; what is held comes late, and in reverse. */
function disturb({ server }: World): { fate: Fate; release: () => void } {
  const held: (() => void)[] = []
  const state = {
    fate: 'deliver' as Fate,
    release: () => {
      for (const push of held.splice(0)) push()
    },
  }
  const meet = (push: () => void): void => {
    if (state.fate === 'deliver' || state.fate === 'twice') push()
    if (state.fate === 'twice') push()
    if (state.fate === 'hold') held.unshift(push)
  }
  server.push = (message, socket) => meet(() => server.deliver(message, socket))
  server.pushChanges = (changes, socket) =>
    meet(() => server.tell(socket, 'changed', { changes: [...changes] }))
  return state
}

async function look(client: Client): Promise<void> {
  for (const place of places) await client.open(place).catch(() => undefined)
  const { model } = client
  for (const read of [model.relations, model.friendRequests, model.privacy, model.conversations]) read()
  model.membership('g1')
  model.group('g1')
}

async function loadAll({ clock }: World, client: Client): Promise<void> {
  for (const place of places) {
    for (let pages = 0; pages < 50 && client.model.messages(place).hasOlder; pages++) {
      await client.loadOlder(place)
    }
  }
  // Names are asked for when somebody looks.
  client.model.conversations()
  await clock.advance(10_000)
}

function snapshot({ model }: Client): unknown {
  const related = [...(model.relations() ?? [])].filter(([, r]) => r.is_friend || r.is_blocked)
  return {
    conversations: model.conversations(),
    unread: model.totalUnread(),
    messages: places.map((place) => model.messages(place)),
    relations: related.sort(([a], [b]) => a.localeCompare(b)),
    requests: model.friendRequests(),
    privacy: model.privacy(),
    membership: model.membership('g1'),
    me: model.user('ann'),
    group: model.group('g1'),
  }
}

it('a device that caught up holds what a freshly loaded one holds, whatever happened meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const world = createWorld()
      const { server, clock, goOnline } = world
      server.ledger.addGroup('g1', ['bob', 'ann', 'cem'])
      const ann = await goOnline('ann')
      await look(ann)
      const pushes = disturb(world)
      for (const move of steps) {
        pushes.fate = move.fate
        try {
          deeds[move.kind]?.(world, ann, move)
        } catch {
          // Refused: the ledger is as before.
        }
        if (move.settle) await clock.settle()
        if (move.pick % 5 === 0) pushes.release()
        if (move.pick % 7 === 0) await clock.advance(700)
      }
      await clock.advance(5000)
      pushes.fate = 'deliver'
      server.cut()
      await clock.advance(60_000)
      await loadAll(world, ann)
      const fresh = await goOnline('ann')
      await look(fresh)
      await loadAll(world, fresh)
      expect(snapshot(ann)).toEqual(snapshot(fresh))
      await Promise.all([ann.disconnect(), fresh.disconnect()])
    }),
    { numRuns: 60 },
  )
}, 120_000)
