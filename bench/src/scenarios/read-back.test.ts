import { expect, test } from 'vitest'
import type { Api, HistoryMessage } from '../http.ts'
import { digitsOf } from '../wire/digits.ts'
import { type ReadBack, readBack } from './read-back.ts'

const id = 'si_ann:bob'
const text = 'words'
const count = 250

/** A history that answers in pages of 100, as the server does. */
function historyOf(
  messages: readonly HistoryMessage[],
  maxSeq = messages.at(-1)?.seq ?? 0,
): Pick<Api, 'pull'> {
  return {
    pull: async (_token, _conversation, from) => ({
      messages: messages.filter((m) => m.seq >= from).slice(0, 100),
      max_seq: maxSeq,
    }),
  }
}

function stored(n: number, seq = n + 1): HistoryMessage {
  const place = { seq, server_msg_id: 1000 + n, conversation_id: id, client_msg_id: digitsOf(n) }
  return { ...place, sender_id: n % 2 === 0 ? 'ann' : 'bob', send_at: 1, content: { text: { text } } }
}

/** Every message was acked but the last, whose answer never came. */
const sent = {
  client: Uint16Array.from({ length: count }, (_, n) => n % 2),
  seq: Uint32Array.from({ length: count }, (_, n) => (n === count - 1 ? 0 : n + 1)),
  serverId: Float64Array.from({ length: count }, (_, n) => 1000 + n),
}

function judged(edit: (messages: HistoryMessage[]) => HistoryMessage[], maxSeq?: number): Promise<ReadBack> {
  const all = edit(Array.from({ length: count }, (_, n) => stored(n)))
  return readBack(historyOf(all, maxSeq), [{ id, reader: 'token' }], sent, ['ann', 'bob'], text)
}

const clean = { stored: count, missing: 0, duplicates: 0, outOfOrder: 0, invented: 0 }

test('a history that holds what was acked is clean, over all its pages', async () => {
  expect(await judged((all) => all)).toEqual(clean)
})

test('a message that was never answered may be there or not', async () => {
  expect(await judged((all) => all.slice(0, -1))).toEqual({ ...clean, stored: count - 1 })
})

test('an acked message that is not there is missing, and its place is a hole', async () => {
  const found = await judged((all) => all.filter((m) => m.seq !== 120))
  expect(found).toEqual({ ...clean, stored: count - 1, missing: 1, outOfOrder: 1 })
})

test('an acked message with another text, seq or id counts as missing', async () => {
  const changes = [{ content: { text: { text: 'other' } } }, { server_msg_id: 5 }]
  for (const change of changes) {
    const found = await judged((all) => all.map((m) => (m.seq === 7 ? { ...m, ...change } : m)))
    expect(found).toEqual({ ...clean, missing: 1 })
  }
  const swapped = await judged((all) =>
    all.map((m) => (m.seq === 1 ? stored(2, 1) : m.seq === 3 ? stored(0, 3) : m)),
  )
  expect(swapped).toEqual({ ...clean, missing: 2 })
})

test('a message that is stored twice is a duplicate', async () => {
  expect(await judged((all) => [...all, stored(3, count + 1)])).toEqual({
    ...clean,
    stored: count + 1,
    duplicates: 1,
  })
})

test('a message that nobody sent, or in another name, is invented', async () => {
  const ghost = { ...stored(0, count + 1), client_msg_id: 'ghost' }
  expect(await judged((all) => [...all, ghost])).toMatchObject({ invented: 1 })
  const forged = await judged((all) => all.map((m) => (m.seq === 9 ? { ...m, sender_id: 'bob' } : m)))
  expect(forged).toEqual({ ...clean, invented: 1, missing: 1 })
})

test('a history that ends before its own max_seq is out of order', async () => {
  expect(await judged((all) => all, count + 3)).toMatchObject({ outOfOrder: 1 })
})
