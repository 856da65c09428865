import { type LinkEnd, linkPair } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { createWorld } from '../testing/world.ts'
import { localLink } from './local.ts'

describe('a link in the same process', () => {
  it('is dialled anew, with the token, for every attempt', async () => {
    const { clock, signIn } = createWorld()
    const tokens: string[] = []
    const ends: LinkEnd[] = []
    const door = localLink((token) => {
      tokens.push(token)
      const [ours, theirs] = linkPair()
      ours.open({ frame: () => undefined, closed: () => undefined })
      ends.push(ours)
      return theirs
    })
    const ann = await signIn('ann', { links: [door] })
    await ann.connect()
    ends[0]?.close(1012)
    await clock.settle()
    expect(ann.status().state).toBe('waiting')
    await clock.advance(1000)
    expect(ann.status().state).toBe('online')
    expect(tokens).toEqual(['t-ann', 't-ann'])
  })

  it('is tried again when the server behind it is down', async () => {
    const { clock, server, signIn } = createWorld()
    let down = true
    const inner = linkPair()
    inner[0].open({ frame: () => undefined, closed: () => undefined })
    const door = localLink(() => {
      if (down) throw new Error('stopped')
      return inner[1]
    })
    const ann = await signIn('ann', { links: [door] })
    const connected = ann.connect()
    await clock.settle()
    expect(ann.status().state).toBe('waiting')
    down = false
    await clock.advance(1000)
    await connected
    expect(server.handshakes).toBe(0)
  })

  it('ends the session when the server closes it with 4401', async () => {
    const { clock, signIn } = createWorld()
    const door = localLink(() => {
      const [ours, theirs] = linkPair()
      ours.close(4401, 'token_expired')
      return theirs
    })
    const ann = await signIn('ann', { links: [door] })
    ann.connect().catch(() => undefined)
    await clock.settle()
    expect(ann.status()).toMatchObject({ state: 'ended', reason: 'token_expired' })
  })
})
