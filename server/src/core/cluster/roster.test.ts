import { expect, it } from 'vitest'
import { createPresence } from '../people/presence.ts'
import { createRoster, type Roster } from './roster.ts'
import type { Word } from './words.ts'

const ignore = (): void => undefined

/** A roster of the node `here`, what it says, and how often it took words for lost. */
function roster(): { roster: Roster; said: Word[]; lost: () => number; isOnline: (id: string) => boolean } {
  const presence = createPresence({ changed: ignore, connected: ignore, disconnected: ignore })
  const said: Word[] = []
  let losses = 0
  return {
    roster: createRoster({
      node: 'here',
      presence,
      tell: (word) => void said.push(word),
      lost: () => {
        losses += 1
      },
    }),
    said,
    lost: () => losses,
    isOnline: presence.isOnline,
  }
}

it('asks a node for its devices when words of it went missing, and then knows those it was not told of', () => {
  const { roster: here, said, lost, isOnline } = roster()
  here.hear({ node: 'there', n: 1, words: [] })
  here.hear({ node: 'there', n: 2, words: [{ is: 'alive' }] })
  said.splice(0)
  expect(lost()).toBe(0)
  // Number 3 told of a device.
  here.hear({ node: 'there', n: 4, words: [{ is: 'alive' }] })
  expect(lost()).toBe(1)
  expect(said).toEqual([{ is: 'hello', to: 'there' }])
  const device = { userId: 'bob', connId: 'c', platformId: 5, sessionId: 's' }
  here.hear({ node: 'there', n: 5, words: [{ is: 'devices', devices: [device], isLast: true }] })
  expect(lost()).toBe(1)
  expect(isOnline('bob')).toBe(true)
})
