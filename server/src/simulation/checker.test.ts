import { hash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Entry, Store } from '../core/ports.ts'
import { openStore } from '../storage/open.ts'
import { chatOf } from '../testing/domain/chat.ts'
import type { Told } from '../testing/domain/device.ts'
import { contradictions } from './checker.ts'
import { type History, newHistory, type Sent } from './history.ts'

const single = 'si_ann:bob'
const sha256 = (text: string): string => hash('sha256', text, 'base64url')

/** What a store holds, and what clients noted of it: three messages, each acked, pushed to both and pulled. */
interface Story {
  readonly store: Store
  readonly entries: readonly Entry[]
  readonly history: History
}

async function cleanStory(): Promise<Story> {
  const store = await openStore('memory:')
  const chat = await chatOf({ store })
  await chat.join('ann', 'bob')
  const history = newHistory()
  const entries: Entry[] = []
  for (const [i, sender] of ['ann', 'bob', 'ann'].entries()) {
    const id = `${sender}-${i}`
    const text = `text of ${id}`
    const invoked = history.now()
    const to = { recv_id: sender === 'ann' ? 'bob' : 'ann' }
    const entry = await chat.send(sender, to, { client_msg_id: id, content: { text } })
    const acks = [{ at: history.now(), entry }]
    history.sent.push({
      sender,
      id,
      conversation: single,
      text,
      invoked,
      acks,
      isDoubtful: false,
      isRefused: false,
    })
    entries.push(entry)
  }
  const told = (): Told[] => entries.map((data) => ({ name: 'message_received', data }))
  for (const who of ['ann', 'bob']) history.heard.push({ who, node: 0, told: told(), isOpen: true })
  history.pulled.push({ who: 'bob', entries: [...entries] })
  return { store, entries, history }
}

/** The store as if its log were this one. */
function withLog(store: Store, edit: (log: readonly Entry[]) => readonly Entry[]): Store {
  return {
    ...store,
    read: async (id, from, to, limit) =>
      edit(await store.read(id, 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER))
        .filter(({ seq }) => seq >= from && seq <= to)
        .slice(0, limit),
  }
}

let story: Story

beforeEach(async () => {
  story = await cleanStory()
})

const entryAt = (i: number): Entry => story.entries[i] as Entry
const sentAt = (i: number): Sent => story.history.sent[i] as Sent
const toldTo = (i: number): Told[] => (story.history.heard[i] as History['heard'][number]).told

/** The names in front of what is found wrong: I1, G4, chain. */
async function broken(store: Store = story.store): Promise<string[]> {
  const faults = await contradictions(story.history, store, sha256)
  return [...new Set(faults.map((fault) => fault.split(':')[0] ?? ''))]
}

it('a store that holds what clients noted contradicts nothing', async () => {
  expect(await contradictions(story.history, story.store, sha256)).toEqual([])
})

it('whatever was strange while it ran is passed on', async () => {
  story.history.strange.push('rejected unheard')
  expect(await contradictions(story.history, story.store, sha256)).toEqual(['rejected unheard'])
})

describe('of what is stored it catches', () => {
  it('I1: an acked message that is gone', async () => {
    expect(await broken(withLog(story.store, (log) => log.slice(0, 2)))).toContain('I1')
  })

  it('I2: a message nobody sent, and one that was sent otherwise', async () => {
    const [sent] = story.history.sent.splice(2, 1)
    expect(await broken()).toEqual(['I2'])
    story.history.sent.push({ ...(sent as Sent), text: 'another text' })
    expect(await broken()).toEqual(['I2'])
    story.history.sent.splice(2, 1, { ...(sent as Sent), conversation: 'si_ann:cid' })
    expect(await broken()).toEqual(['I2'])
  })

  it('I3: one message twice', async () => {
    const again = { ...entryAt(2), seq: 4, id: entryAt(2).id + 1 }
    expect(await broken(withLog(story.store, (log) => [...log, again]))).toContain('I3')
  })

  it('I4: a gap', async () => {
    expect(await broken(withLog(story.store, (log) => log.filter(({ seq }) => seq !== 2)))).toContain('I4')
  })

  it('I8: a message that was only refused', async () => {
    const refused = { ...sentAt(2), acks: [], isRefused: true }
    story.history.sent.splice(2, 1, refused)
    expect(await broken()).toEqual(['I8'])
    story.history.sent.splice(2, 1, { ...refused, isDoubtful: true })
    expect(await broken()).toEqual([])
  })

  it('I13: a time that falls', async () => {
    const early = (log: readonly Entry[]): Entry[] =>
      log.map((entry) => (entry.seq === 3 ? { ...entry, send_at: entry.send_at - 1 } : entry))
    expect(await broken(withLog(story.store, early))).toContain('I13')
  })

  it('a body that was changed behind its back, by the chain', async () => {
    const changed = (log: readonly Entry[]): Entry[] =>
      log.map((entry) => (entry.seq === 2 ? { ...entry, body: '{"text":"changed"}' } : entry))
    expect(await broken(withLog(story.store, changed))).toContain('chain')
  })
})

describe('of what clients were told it catches', () => {
  it('I3: an ack for another message', async () => {
    sentAt(0).acks.push({ at: story.history.now(), entry: { ...entryAt(0), id: entryAt(0).id + 1 } })
    expect(await broken()).toEqual(['I3'])
  })

  it('I5: a message begun after an ack with a higher seq', async () => {
    story.history.sent.splice(0, 1, { ...sentAt(0), invoked: story.history.now() })
    expect(await broken()).toEqual(['I5'])
  })

  it('I6: a push, or a pull, of something that is stored otherwise or not at all', async () => {
    const otherwise = { ...entryAt(1), body: '{"text":"other"}' }
    story.history.pulled.push({ who: 'ann', entries: [otherwise] })
    expect(await broken()).toEqual(['I6'])
    story.history.pulled.pop()
    toldTo(0).push({ name: 'message_received', data: { ...entryAt(2), seq: 4 } })
    expect(await broken()).toEqual(['I6'])
  })

  it('I7: a hole that nobody told of, and a step back', async () => {
    const [first, second, third] = toldTo(0)
    toldTo(0).splice(0, 3, first as Told, third as Told)
    expect(await broken()).toEqual(['I7'])
    toldTo(0).splice(
      0,
      2,
      first as Told,
      { name: 'resync', data: { conversations: { [single]: 2 } } },
      third as Told,
    )
    expect(await broken()).toEqual([])
    toldTo(0).splice(0, 3, first as Told, { name: 'resync', data: { conversations: {} } }, third as Told)
    expect(await broken()).toEqual([])
    toldTo(0).splice(0, 3, third as Told, { name: 'resync', data: { conversations: {} } }, second as Told)
    expect(await broken()).toEqual(['I7'])
  })

  it('G4: somebody connected to the end who never heard the last message', async () => {
    toldTo(1).pop()
    expect(await broken()).toEqual(['G4'])
    const [gone] = story.history.heard.splice(1, 1)
    story.history.heard.push({ ...(gone as History['heard'][number]), isOpen: false })
    expect(await broken()).toEqual([])
  })
})
