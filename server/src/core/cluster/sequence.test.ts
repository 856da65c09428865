import { expect, it } from 'vitest'
import { manualClock } from '../../testing/clock.ts'
import { createSequence } from './sequence.ts'

it('plays a batch whose audience cannot be looked up, goes on, and says that something was lost', async () => {
  const played: number[] = []
  const loads = [Promise.reject(new Error('the store is away')), undefined]
  let lost = 0
  const sequence = createSequence(0, {
    clock: manualClock(),
    prepare: () => loads.shift(),
    play: ({ from }) => void played.push(from),
    lost: () => {
      lost += 1
    },
  })
  sequence.add({ from: 1, to: 1, words: [] })
  sequence.add({ from: 2, to: 3, words: [] })
  await new Promise((resolve) => setImmediate(resolve))
  expect({ played, lost, upTo: sequence.played }).toEqual({ played: [1, 2], lost: 1, upTo: 3 })
})
