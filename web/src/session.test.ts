import { describe, expect, it } from 'vitest'
import { readSession, sessionOf } from './session.ts'

describe('a kept session', () => {
  it.each([
    [null, undefined],
    ['', undefined],
    ['{broken', undefined],
    ['{"token":7}', undefined],
    ['ey.bare.token', { token: 'ey.bare.token' }],
    ['{"token":"a","refreshToken":"b","renewAt":5}', { token: 'a', refreshToken: 'b', renewAt: 5 }],
    ['{"token":"a","refreshToken":1,"renewAt":"x"}', { token: 'a' }],
  ])('is read from %j', (kept, session) => {
    expect(readSession(kept)).toEqual(session)
  })
})

describe('the time to renew a token', () => {
  it('is well before it runs out', () => {
    const tokens = { token: 'a', refresh_token: 'b', expires_at: 2000 }
    expect(sessionOf(tokens, 1000)).toEqual({ token: 'a', refreshToken: 'b', renewAt: 1750 })
  })

  it('is not at once where the local clock is ahead of the server', () => {
    const { renewAt = 0 } = sessionOf({ token: 'a', refresh_token: 'b', expires_at: 2000 }, 9000)
    expect(renewAt).toBeGreaterThan(60_000)
  })

  it('does not come where there is nothing to renew it with', () => {
    expect(sessionOf({ token: 'a', expires_at: 2000 }, 1000)).toEqual({ token: 'a' })
  })
})
