import { expect, test } from 'vitest'
import { type Archived, archiveJudge } from './judge.ts'

// Messages 0, 2, 4 by client 0, and 1, 3, 5 by client 1; 5 was never acked.
const sent = {
  client: Uint16Array.of(0, 1, 0, 1, 0, 1),
  seq: Uint32Array.of(1, 1, 1, 1, 1, 0),
  serverId: new Float64Array(6),
}
const whole: readonly Archived[] = [0, 1, 2, 3, 4].map((n) => ({ n, sender: n % 2, text: 'words' }))
const clean = { stored: 5, missing: 0, duplicates: 0, outOfOrder: 0, invented: 0 }

function judged(archive: readonly Archived[]): object {
  const judge = archiveJudge(sent, 'words')
  for (const message of archive) judge.see(message, 0)
  return judge.verdict()
}

const changed = (at: number, change: Partial<Archived>): Archived[] =>
  whole.map((message) => (message.n === at ? { ...message, ...change } : message))

test('an archive with every acked message is clean, whether or not it has the unacked one', () => {
  expect(judged(whole)).toEqual(clean)
  expect(judged([...whole, { n: 5, sender: 1, text: 'words' }])).toEqual({ ...clean, stored: 6 })
})

test('an acked message that is not there, or not whole, is missing', () => {
  expect(judged(whole.filter(({ n }) => n !== 2))).toEqual({ ...clean, stored: 4, missing: 1 })
  expect(judged(changed(3, { text: 'word' }))).toEqual({ ...clean, missing: 1 })
})

test('a message that is there twice is a duplicate', () => {
  expect(judged([...whole, whole[4] as Archived])).toEqual({ ...clean, stored: 6, duplicates: 1 })
})

test('messages of one sender in another order are out of order, of two senders they are not', () => {
  const [a, b, c, d, e] = whole as [Archived, Archived, Archived, Archived, Archived]
  expect(judged([b, a, c, d, e])).toEqual(clean)
  expect(judged([c, b, a, d, e])).toMatchObject({ outOfOrder: 1 })
})

test('a message that nobody sent, or somebody else, is invented', () => {
  expect(judged([...whole, { n: -1, sender: 0, text: 'words' }])).toMatchObject({ invented: 1 })
  expect(judged(changed(0, { sender: 1 }))).toMatchObject({ invented: 1, missing: 1 })
})
