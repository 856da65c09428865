import { expect, test } from 'vitest'
import { partOf } from './login.ts'
import type { Pairs } from './pairs.ts'

const pairs: Pairs = {
  clients: [0, 1, 2, 3, 4, 5].map((i) => ({ token: `t${i}` })),
  userIds: ['a', 'b', 'c', 'd', 'e', 'f'],
  conversations: ['ab', 'cd', 'ef'].map((id, p) => ({ id, reader: '', members: [2 * p, 2 * p + 1] })),
}

test('a part of the pairs is whole, with indexes of its own', () => {
  const part = partOf(pairs, 2, 6)
  expect(part.userIds).toEqual(['c', 'd', 'e', 'f'])
  expect(part.clients.map(({ token }) => token)).toEqual(['t2', 't3', 't4', 't5'])
  expect(part.conversations.map(({ id, members }) => [id, ...members])).toEqual([
    ['cd', 0, 1],
    ['ef', 2, 3],
  ])
})
