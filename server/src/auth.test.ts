import { createHmac } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createTokens } from './auth.ts'
import type { Tokens } from './core/ports.ts'
import { manualClock } from './testing/clock.ts'

const secret = 'a secret of thirty-two bytes or more'

describe('a token', () => {
  it('is taken by a node whose clock is up to a minute behind, and not beyond', async () => {
    const clock = manualClock()
    const node = (): Tokens => createTokens(secret, clock)
    const expiresAt = Math.floor(clock.now() / 1000) + 3600
    const token = await node().sign({ userId: 'ann', platformId: 5, sessionId: 's', expiresAt })
    clock.advance(-59_000)
    await expect(node().verify(token)).resolves.toMatchObject({ userId: 'ann' })
    clock.advance(-3000)
    await expect(node().verify(token)).rejects.toMatchObject({ kind: 'token_invalid' })
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

  it('is proven once and taken until it runs out, and a letter more or less is another token', async () => {
    const clock = manualClock()
    const tokens = createTokens(secret, clock)
    const expiresAt = nowOf(clock) + 3600
    const token = await tokens.sign({ userId: 'ann', platformId: 5, sessionId: 's', expiresAt })
    const first = await tokens.verify(token)
    expect(await tokens.verify(token)).toBe(first)
    for (const other of [token.slice(0, -1), `${token}A`])
      await expect(tokens.verify(other)).rejects.toMatchObject({ kind: 'token_invalid' })
    clock.advance(3_600_000)
    await expect(tokens.verify(token)).rejects.toMatchObject({ kind: 'token_expired' })
  })

  it('is what another program makes and reads of the same secret', async () => {
    const clock = manualClock()
    const tokens = createTokens(secret, clock)
    const claims = { userId: 'Zoë', platformId: 5, sessionId: 's', expiresAt: nowOf(clock) + 3600 }
    const { payload } = await jwtVerify(await tokens.sign(claims), bytes(secret), {
      issuer: 'nexo-im',
      currentDate: new Date(clock.now()),
    })
    expect(payload).toMatchObject({ user_id: 'Zoë', platform_id: 5, jti: 's', exp: claims.expiresAt })
    await expect(tokens.verify(await foreign(clock).sign(bytes(secret)))).resolves.toEqual({
      ...{ userId: 'ann', platformId: 5, sessionId: 's', expiresAt: nowOf(clock) + 3600 },
    })
  })

  it('is taken with this signature only: none, another secret, another digest or a changed letter is refused', async () => {
    const clock = manualClock()
    const { verify } = createTokens(secret, clock)
    const good = await foreign(clock).sign(bytes(secret))
    const [head = '', payload = '', signature = ''] = good.split('.')
    const first = signature.startsWith('A') ? 'B' : 'A'
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    const forged = [
      '',
      '..',
      `${head}.${payload}`,
      `${head}.${payload}.`,
      `${good}.`,
      `${unsigned}.${payload}.`,
      `${unsigned}.${payload}.${signature}`,
      `${head}.${payload}.${first}${signature.slice(1)}`,
      `${head}.${payload.slice(1)}.${signature}`,
      await foreign(clock).sign(bytes(`${secret}!`)),
      await foreign(clock, { alg: 'HS512' }).sign(bytes(secret.padEnd(64, '.'))),
    ]
    for (const token of forged) await expect(verify(token)).rejects.toMatchObject({ kind: 'token_invalid' })
  })

  it('is refused when its header names another digest or asks for more than is known here, whoever signed it', async () => {
    const clock = manualClock()
    const { verify } = createTokens(secret, clock)
    const [, payload = ''] = (await foreign(clock).sign(bytes(secret))).split('.')
    for (const head of [{ alg: 'none' }, { alg: 'HS512' }, { alg: 'HS256', crit: ['b64'], b64: false }]) {
      const text = `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${payload}`
      const token = `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
      await expect(verify(token)).rejects.toMatchObject({ kind: 'token_invalid' })
    }
  })

  it('is refused without one of its claims, or with one of another kind', async () => {
    const clock = manualClock()
    const { verify } = createTokens(secret, clock)
    const odd = [
      { user_id: undefined },
      { user_id: 7 },
      { platform_id: 'web' },
      { jti: undefined },
      { iss: undefined },
      { iss: 'another' },
      { iat: undefined },
      { nbf: undefined },
      { nbf: 'soon' },
      { exp: undefined },
      { use: 'refresh' },
      { use: 'other', gen: 1 },
    ]
    for (const claims of odd) {
      const token = await foreign(clock, {}, claims).sign(bytes(secret))
      await expect(verify(token), JSON.stringify(claims)).rejects.toMatchObject({ kind: 'token_invalid' })
    }
  })
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const nowOf = (clock: { now(): number }): number => Math.floor(clock.now() / 1000)

/** A token as another program makes it; claims that are undefined are left out. */
function foreign(clock: { now(): number }, head: object = {}, claims: object = {}): SignJWT {
  const now = nowOf(clock)
  const usual = { iss: 'nexo-im', jti: 's', iat: now, nbf: now, exp: now + 3600 }
  return new SignJWT({ user_id: 'ann', platform_id: 5, ...usual, ...claims } as never).setProtectedHeader({
    alg: 'HS256',
    ...head,
  })
}
