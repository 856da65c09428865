import { describe, expect, it } from 'vitest'
import { createTokens } from './auth.ts'
import { manualClock } from './testing/clock.ts'

const secret = 'a secret of thirty-two bytes or more'

describe('a token', () => {
  it('is taken by a node whose clock is up to a minute behind, and not beyond', async () => {
    const clock = manualClock()
    const tokens = createTokens(secret, clock)
    const expiresAt = Math.floor(clock.now() / 1000) + 3600
    const token = await tokens.sign({ userId: 'ann', platformId: 5, sessionId: 's', expiresAt })
    clock.advance(-59_000)
    await expect(tokens.verify(token)).resolves.toMatchObject({ userId: 'ann' })
    clock.advance(-3000)
    await expect(tokens.verify(token)).rejects.toMatchObject({ kind: 'token_invalid' })
  })

  it('ends to the second, whatever clocks may differ', async () => {
    const clock = manualClock()
    const tokens = createTokens(secret, clock)
    const expiresAt = Math.floor(clock.now() / 1000) + 10
    const token = await tokens.sign({ userId: 'ann', platformId: 5, sessionId: 's', expiresAt })
    clock.advance(expiresAt * 1000 - clock.now() - 1)
    await expect(tokens.verify(token)).resolves.toMatchObject({ expiresAt })
    clock.advance(1)
    await expect(tokens.verify(token)).rejects.toMatchObject({ kind: 'token_expired' })
  })
})
