import { expect, test } from 'vitest'
import type { HistoryMessage } from '../http.ts'
import { reached } from './slow-consumer.ts'

function reachedIn(seqs: readonly number[], from: number): Promise<number> {
  const pull = async (_: string, __: string, begin: number) => ({
    messages: seqs
      .filter((seq) => seq >= begin)
      .slice(0, 3)
      .map((seq) => ({ seq }) as HistoryMessage),
    max_seq: 0,
  })
  return reached({ pull }, 'token', 'sg_1', from)
}

test('who fetches from its own seq on comes to the end, over all pages', async () => {
  expect(await reachedIn([1, 2, 3, 4, 5, 6, 7], 2)).toBe(7)
  expect(await reachedIn([1, 2], 2)).toBe(2)
})

test('a message that is not there is where it ends', async () => {
  expect(await reachedIn([1, 2, 3, 5, 6], 1)).toBe(3)
  expect(await reachedIn([1, 4], 1)).toBe(1)
})
