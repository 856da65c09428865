import { expect, test } from 'vitest'
import type { HistoryMessage, HistoryPage } from '../http.ts'
import { digitsOf } from '../wire/digits.ts'
import { type FilledTalks, wrongTalks } from './talks.ts'

const messages = 130
const filled: FilledTalks = {
  accounts: [
    { userId: 'ann', token: 'a' },
    { userId: 'bob', token: 'b' },
  ],
  talks: ['si_ann:bob', 'si_ann:cid'].map((id) => ({
    id,
    writer: 0,
    members: [0, 1] as const,
    target: { recv_id: 'bob' },
    text: `words of ${id}`,
  })),
  messages,
  filled: { seconds: 1, serverIds: Float64Array.from({ length: messages * 2 }, (_, n) => 5000 + n) },
  rate: 1,
}

/** The second talk as the server would show it after `edit`. */
async function judged(edit: (all: HistoryMessage[]) => HistoryMessage[]): Promise<string[]> {
  const stored = (c: number): HistoryMessage[] =>
    Array.from({ length: messages }, (_, i) => {
      const id = (filled.talks[c] as FilledTalks['talks'][number]).id
      const ids = {
        seq: i + 1,
        server_msg_id: 5000 + i * 2 + c,
        client_msg_id: digitsOf(i * 2 + c),
        conversation_id: id,
      }
      return { ...ids, sender_id: 'ann', send_at: 1, content: { text: { text: `words of ${id}` } } }
    })
  const shown = new Map([
    ['si_ann:bob', stored(0)],
    ['si_ann:cid', edit(stored(1))],
  ])
  const pull = async (_: string, id: string, from: number): Promise<HistoryPage> => {
    const all = shown.get(id) ?? []
    return { messages: all.filter(({ seq }) => seq >= from).slice(0, 100), max_seq: all.length }
  }
  return wrongTalks({ api: { pull } as never }, filled)
}

test('what was acked and is stored is right, over all pages', async () => {
  expect(await judged((all) => all)).toEqual([])
  expect(await judged((all) => [...all, { ...(all[0] as HistoryMessage), seq: messages + 1 }])).toEqual([])
})

const faults: readonly (readonly [string, (all: HistoryMessage[]) => HistoryMessage[]])[] = [
  ['the last message is gone', (all) => all.slice(0, -1)],
  ['one in the middle is gone', (all) => all.filter(({ seq }) => seq !== 40)],
  ['all are gone', () => []],
  ['one has another id', (all) => all.map((m) => (m.seq === 9 ? { ...m, server_msg_id: 1 } : m))],
  [
    'one has another text',
    (all) => all.map((m) => (m.seq === 9 ? { ...m, content: { text: { text: '' } } } : m)),
  ],
]

for (const [what, edit] of faults)
  test(`${what}: it is told`, async () => {
    expect((await judged(edit)).join()).toContain('si_ann:cid')
  })
