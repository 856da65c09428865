import { fc, test } from '@fast-check/vitest'
import { ImError, type Notice, type OperationName } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { manualClock } from '../../testing/clock.ts'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import type { Entry, Store } from '../ports.ts'
import type { Caller } from '../world.ts'
import type { Listed } from './listing.ts'
import type { Telling } from './telling.ts'

const people = ['ann', 'bob', 'eve', 'fay'] as const

/** What one device holds: fed by `sync.changes` alone, and by pulling what a conversation is ahead by. */
class Device {
  readonly #who: Caller
  position = ''
  readonly conversations = new Map<string, Listed>()
  readonly messages = new Map<string, Map<number, string>>()
  readonly notices = new Map<string, Map<number, Notice>>()
  readonly others = new Map<string, unknown>()
  readonly positions: number[] = []
  /** Up to where each conversation was pulled: a page of changes may bring a later message before an earlier one. */
  readonly #pulled = new Map<string, number>()

  constructor(who: Caller) {
    this.#who = who
  }

  async catchUp(core: TestCore, limit: number): Promise<void> {
    for (;;) {
      const input = this.position === '' ? {} : { position: this.position, limit }
      const answer = await core.dispatch(this.#who, 'sync.changes', input)
      this.position = answer.position
      for (const change of answer.changes) await this.#apply(core, change)
      if (!answer.has_more) return
    }
  }

  async #apply(core: TestCore, change: Telling): Promise<void> {
    const { position, conversation, message, notice, hidden, ...other } = change
    this.positions.push(position)
    if (conversation) await this.#moved(core, conversation)
    if (message) this.#put(message)
    if (notice) this.hear(notice)
    for (const seq of hidden?.seqs ?? []) this.#of(hidden?.conversation_id ?? '').delete(seq)
    for (const [name, value] of Object.entries(other)) this.others.set(nameOf(name, value), value)
  }

  get userId(): string {
    return this.#who.userId
  }

  hear(notice: Notice): void {
    this.#noticesOf(notice.conversation_id).set(notice.position, notice)
  }

  async #moved(core: TestCore, conversation: Listed): Promise<void> {
    const id = conversation.conversation_id
    this.conversations.set(id, conversation)
    const known = this.#of(id)
    const min = conversation.min_seq ?? 1
    for (const seq of known.keys()) if (seq < min) known.delete(seq)
    for (const [at, notice] of this.#noticesOf(id))
      if (notice.at_seq < min - 1) this.#noticesOf(id).delete(at)
    const from = Math.max(min, (this.#pulled.get(id) ?? 0) + 1)
    if (from > conversation.max_seq) return
    this.#pulled.set(id, conversation.max_seq)
    const pull = { conversation_id: id, begin_seq: from, end_seq: conversation.max_seq }
    for (const entry of (await core.dispatch(this.#who, 'message.pull', pull)).messages) this.#put(entry)
  }

  #put(entry: Entry): void {
    if (isHidden(entry)) return
    this.#of(entry.conversation_id).set(entry.seq, shown(entry))
  }

  #of(id: string): Map<number, string> {
    const found = this.messages.get(id) ?? new Map<number, string>()
    this.messages.set(id, found)
    return found
  }

  #noticesOf(id: string): Map<number, Notice> {
    const found = this.notices.get(id) ?? new Map<number, Notice>()
    this.notices.set(id, found)
    return found
  }
}

const isHidden = (entry: Entry): boolean => entry.meta.includes('"hidden"')
const shown = (entry: Entry): string => `${entry.body} ${entry.meta}`

function nameOf(kind: string, value: unknown): string {
  const row = value as Record<string, string>
  return [kind, row['user_id'], row['group_id'] ?? row['id'], row['from_id'], row['to_id']].join(' ')
}

/**
 * A conversation without what depends on how others set their privacy at this moment: that is no change of one's own
 * account, and nobody is told of it.
 */
function ownPart(conversation: Listed | undefined): Partial<Listed> {
  const {
    last_message: _,
    peer_read_seq: _read,
    peer_delivered_seq: _got,
    ...row
  } = conversation ?? ({} as Listed)
  return row
}

interface Reloaded {
  readonly conversations: Listed[]
  readonly messages: string[][]
  readonly notices: Notice[][]
}

/** The same, asked for anew: what a full reload shows. */
async function reload(core: TestCore, who: Caller): Promise<Reloaded> {
  const views = await core.store.list('view', 'by_user', [who.userId])
  const conversations: Listed[] = []
  const messages: string[][] = []
  const notices: Notice[][] = []
  for (const { conversation_id } of views) {
    notices.push((await core.dispatch(who, 'conversation.extras', { conversation_id })).notices)
    conversations.push(await core.dispatch(who, 'conversation.info', { conversation_id }))
    const page = await core.dispatch(who, 'message.pull', { conversation_id })
    messages.push(page.messages.filter((m) => !isHidden(m)).map(shown))
  }
  return { conversations, messages, notices }
}

interface Step {
  readonly who: number
  readonly whom: number
  readonly what: number
  readonly n: number
}
const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(3),
  whom: fc.nat(3),
  what: fc.nat(1000),
  n: fc.nat(20),
})

/** What somebody may try; much of it is refused, which must change nothing. */
function tries(step: Step, groupId: string, at: number): [OperationName, object][] {
  const user_id = people[step.whom] ?? 'ann'
  const group = { group_id: groupId }
  const single = [people[step.who] ?? 'ann', user_id].sort().join(':')
  const conversation_id = step.n % 2 === 0 ? `sg_${groupId}` : `si_${single}`
  const target = step.n % 2 === 0 ? group : { recv_id: user_id }
  const seq = (step.n % 6) + 1
  const body = { client_msg_id: `m${at}`, msg_type: 1, content: { text: `t${at}` } }
  return [
    ['message.send', { ...target, ...body }],
    ['message.send', { ...target, ...body, mentions: ['*'] }],
    [
      'message.send',
      { ...target, client_msg_id: `q${at}`, msg_type: 8, content: { quote: { seq, text: 'q' } } },
    ],
    ['message.edit', { conversation_id, seq, content: { text: `e${at}` } }],
    ['message.recall', { conversation_id, seq }],
    ['message.delete', { conversation_id, seqs: [seq] }],
    ['message.delete', { conversation_id, seqs: [seq], for_everyone: true }],
    ['message.react', { conversation_id, seq, emoji: '👍' }],
    ['message.react', { conversation_id, seq, emoji: '👍', remove: true }],
    ['message.pin', { conversation_id, seq }],
    ['message.ack', { conversation_id, seq }],
    ['conversation.mark_read', { conversation_id, read_seq: seq }],
    ['conversation.update', { conversation_id, is_pinned: step.n > 9 }],
    ['conversation.update', { conversation_id, is_hidden: true }],
    ['conversation.draft', { conversation_id, text: `d${at}` }],
    ['conversation.clear', { conversation_id }],
    ['conversation.set_expiry', { conversation_id, seconds: step.n }],
    ['group.join', group],
    ['group.quit', group],
    ['group.kick', { ...group, user_ids: [user_id] }],
    ['group.invite', { ...group, user_ids: [user_id] }],
    ['group.transfer', { ...group, user_id }],
    ['group.set_role', { ...group, user_id, role_level: (step.n % 2) + 1 }],
    ['group.mute', { ...group, user_id, seconds: step.n }],
    ['group.update', { ...group, name: `n${at}` }],
    ['group.announce', { ...group, text: `a${at}` }],
    ['group.set_nickname', { ...group, nickname: `k${at}` }],
    ['friend.request', { user_id }],
    ['friend.accept', { user_id }],
    ['friend.delete', { user_id }],
    ['friend.remark', { user_id, remark: `r${at}` }],
    ['block.add', { user_id }],
    ['block.remove', { user_id }],
    ['user.update', { nickname: `N${at}` }],
    ['privacy.update', { see_online: step.n % 3 }],
  ]
}

async function attempt(
  core: TestCore,
  caller: Caller,
  [name, input]: [OperationName, object],
): Promise<void> {
  try {
    await core.dispatch(caller, name, input)
  } catch (error) {
    if (!(error instanceof ImError) || error.kind === 'internal') throw error
  }
}

describe('a device that resumes from a position', () => {
  test.prop([fc.array(step, { minLength: 10, maxLength: 60 }), fc.integer({ min: 1, max: 7 })], {
    numRuns: 60,
  })(
    'holds what a full reload shows, whatever happened and whenever it looked, also over restarts',
    async (steps, limit) => {
      const store: Store = await openStore('memory:')
      const clock = manualClock()
      let core = await testCore({ store, clock })
      const callers: Caller[] = []
      for (const id of people) callers.push(await core.person(id))
      const [ann] = callers as [Caller]
      const { id: groupId } = await core.dispatch(ann, 'group.create', { name: 'G', member_ids: ['bob'] })
      const devices = callers.map((who) => new Device(who))
      for (const device of devices) await device.catchUp(core, limit)
      // What was there before the first position is loaded in full, as a client does.
      for (const [i, device] of devices.entries()) {
        const { conversations, notices } = await reload(core, callers[i] as Caller)
        for (const row of conversations) device.conversations.set(row.conversation_id, row)
        for (const notice of notices.flat()) device.hear(notice)
      }
      for (const [at, one] of steps.entries()) {
        clock.advance(10)
        const options = tries(one, groupId, at)
        const chosen = options[one.what % options.length] as [OperationName, object]
        await attempt(core, callers[one.who] as Caller, chosen)
        if (one.n % 5 === 0) await devices[one.whom]?.catchUp(core, limit)
        // A node that was killed and starts again on what it had stored.
        if (one.n === 13) core = await testCore({ store, clock })
      }
      for (const [i, device] of devices.entries()) {
        await device.catchUp(core, limit)
        const { conversations, messages, notices } = await reload(core, callers[i] as Caller)
        const held = conversations.map((c) => device.conversations.get(c.conversation_id))
        expect(held.map(ownPart)).toEqual(conversations.map(ownPart))
        const seen = conversations.map((c) => {
          const known = device.messages.get(c.conversation_id) ?? new Map<number, string>()
          return [...known].sort(([a], [b]) => a - b).map(([, text]) => text)
        })
        expect(seen).toEqual(messages)
        // Of an earlier stay a device keeps what it had heard; a reload shows the present one alone.
        const stays = await core.store.list('view', 'by_user', [device.userId])
        const told = stays.map((stay) => {
          const known = device.notices.get(stay.conversation_id) ?? new Map<number, Notice>()
          const own = [...known.values()].filter((n) => n.position >= stay.from_position)
          return own.sort((a, b) => a.position - b.position)
        })
        expect(told).toEqual(notices)
        expect(device.positions).toEqual([...device.positions].sort((a, b) => a - b))
      }
    },
  )

  it('learns how far the other side has read', async () => {
    const core = await testCore()
    const [ann, bob] = [await core.person('ann'), await core.person('bob')]
    await core.dispatch(ann, 'message.send', {
      recv_id: 'bob',
      client_msg_id: 'm',
      msg_type: 1,
      content: { text: 'x' },
    })
    const { position } = await core.dispatch(ann, 'sync.changes', {})
    await core.dispatch(bob, 'conversation.mark_read', { conversation_id: 'si_ann:bob', read_seq: 1 })
    const { changes } = await core.dispatch(ann, 'sync.changes', { position })
    expect(changes).toMatchObject([{ conversation: { conversation_id: 'si_ann:bob', peer_read_seq: 1 } }])
  })

  it('gets nothing twice: what it has seen does not come again', async () => {
    const core = await testCore()
    const ann = await core.person('ann')
    await core.person('bob')
    const start = await core.dispatch(ann, 'sync.changes', {})
    await core.dispatch(ann, 'user.update', { nickname: 'A' })
    const first = await core.dispatch(ann, 'sync.changes', { position: start.position })
    expect(first.changes).toMatchObject([{ profile: { nickname: 'A' } }])
    const second = await core.dispatch(ann, 'sync.changes', { position: first.position })
    // Others may have written meanwhile, so the position may have moved on.
    expect([second.has_more, second.changes]).toEqual([false, []])
  })

  it('is told that a position is none of this server’s', async () => {
    const core = await testCore()
    const ann = await core.person('ann')
    for (const position of ['x', '-1', '9007199254740991', '1.5', ' 1'])
      await expect(core.dispatch(ann, 'sync.changes', { position })).rejects.toMatchObject({
        kind: 'invalid_parameter',
      })
  })
})
