import { expect, test } from 'vitest'
import { ratioFigures } from './two-node.ts'

test('of the rounds the median counts, with least and greatest beside it', () => {
  const values = ratioFigures([0.9, 0.5, 0.7]).map(({ value }) => value)
  expect(values).toEqual([0.7, 0.5, 0.9])
})
