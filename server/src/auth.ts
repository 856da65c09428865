import { ImError } from '@nexo-im/protocol'
import { hash, verify } from '@node-rs/argon2'
import { type JWTPayload, errors as joseErrors, jwtVerify, SignJWT } from 'jose'
import PQueue from 'p-queue'
import type { Clock, Passwords, TokenClaims, Tokens } from './core/ports.ts'

const issuer = 'nexo-im'

/** How far the clocks of two nodes may differ, or one be set back, before a fresh token is refused, seconds. */
const skew = 60

/** Tokens whose signature is remembered as proven: every request brings one, and proving it takes longer than the rest. */
const provenLimit = 20_000

/**
 * Tokens as nexo-wire section 3 has them: JWT, HS256 and nothing else – the list is fixed here, never read from
 * the token. @param secret at least 32 bytes
 */
export function createTokens(secret: string, clock: Clock): Tokens {
  const key = new TextEncoder().encode(secret)
  // What a token says never changes, nor does the key; whether its sign-in still stands is asked each time, elsewhere.
  const proven = new Map<string, TokenClaims>()

  function remember(token: string, claims: TokenClaims): TokenClaims {
    const [oldest] = proven.size < provenLimit ? [] : proven.keys()
    if (oldest !== undefined) proven.delete(oldest)
    proven.set(token, claims)
    return claims
  }

  async function prove(token: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer,
      requiredClaims: ['exp', 'iat', 'nbf', 'jti'],
      currentDate: new Date(clock.now()),
      clockTolerance: skew,
    })
    return payload
  }
  return {
    sign: (claims) => {
      const now = Math.floor(clock.now() / 1000)
      const { generation } = claims
      // `use` tells the two kinds apart: neither is ever taken for the other.
      const refresh = generation !== undefined && { use: 'refresh', gen: generation }
      return new SignJWT({ user_id: claims.userId, platform_id: claims.platformId, ...refresh })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(issuer)
        .setJti(claims.sessionId)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(claims.expiresAt)
        .sign(key)
    },
    verify: async (token) => {
      try {
        const claims = proven.get(token) ?? remember(token, claimsOf(await prove(token)))
        // The tolerance is for the beginning only: nothing is taken longer than it was given for.
        if (claims.expiresAt * 1000 <= clock.now()) throw new ImError('token_expired')
        return claims
      } catch (cause) {
        if (cause instanceof joseErrors.JWTExpired) throw new ImError('token_expired')
        throw cause instanceof ImError ? cause : new ImError('token_invalid', { cause })
      }
    },
  }
}

function claimsOf(payload: Readonly<Record<string, unknown>>): TokenClaims {
  const { user_id: userId, platform_id: platformId, jti: sessionId, exp: expiresAt, use, gen } = payload
  const isRefresh = use === 'refresh' && Number.isInteger(gen)
  if (
    (use !== undefined && !isRefresh) ||
    typeof userId !== 'string' ||
    typeof sessionId !== 'string' ||
    typeof expiresAt !== 'number' ||
    !Number.isInteger(platformId)
  ) {
    throw new ImError('token_invalid', { detail: 'claims of the wrong shape' })
  }
  const claims = { userId, platformId: platformId as number, sessionId, expiresAt }
  return isRefresh ? { ...claims, generation: gen as number } : claims
}

/** argon2id with 19 MiB and two passes (OWASP); runs in the thread pool, never on the event loop. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Hashes that may wait; more would only make everybody's login time out. */
const waitingLimit = 1000

/**
 * @param parallel hashes at once; the pool also serves files, so it is not given all of it
 * @param waiting hashes that may wait; beyond them `too_many_requests`
 */
export function createPasswords(parallel: number, waiting = waitingLimit): Passwords {
  const queue = new PQueue({ concurrency: parallel })
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (queue.size >= waiting) throw new ImError('too_many_requests', { retryAfter: 5 })
    return (await queue.add(work)) as T
  }
  return {
    hash: (password) => bounded(() => hash(password, cost)),
    verify: (stored, password) => bounded(() => verify(stored, password)),
  }
}
