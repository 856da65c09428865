/** The one place that keeps the tokens of the session; nothing else reads or writes this key. */
const storageKey = 'nexo.session'

export interface KeptSession {
  readonly token: string
  /** Good once; absent where the server gives none. */
  readonly refreshToken?: string
  /** Unix ms of the local clock at which the token should be renewed. */
  readonly renewAt?: number
}

export function keptSession(): KeptSession | undefined {
  return readSession(localStorage.getItem(storageKey))
}

export function keepSession(session: KeptSession): void {
  localStorage.setItem(storageKey, JSON.stringify(session))
}

export function forgetSession(): void {
  localStorage.removeItem(storageKey)
}

/** Tells when another tab has kept or forgotten a session. */
export function watchSession(changed: () => void): () => void {
  const listen = (event: StorageEvent): void => {
    if (event.key === storageKey || event.key === null) changed()
  }
  addEventListener('storage', listen)
  return () => removeEventListener('storage', listen)
}

/** Earlier versions kept the bare token. */
export function readSession(kept: string | null): KeptSession | undefined {
  if (kept === null || kept === '') return undefined
  if (!kept.startsWith('{')) return { token: kept }
  try {
    const { token, refreshToken, renewAt } = JSON.parse(kept) as Record<string, unknown>
    if (typeof token !== 'string' || token === '') return undefined
    return {
      token,
      ...(typeof refreshToken === 'string' && { refreshToken }),
      ...(typeof renewAt === 'number' && { renewAt }),
    }
  } catch {
    return undefined
  }
}

interface Tokens {
  readonly token: string
  readonly refresh_token?: string
  readonly expires_at?: number
}

/** Part of its life after which a token is renewed: early enough to try again many times. */
const renewAfter = 0.75
/** Where the local clock says that a fresh token has run out, the clock is wrong: the server is asked now and then. */
const blindMs = 3_600_000

export function sessionOf({ token, refresh_token, expires_at }: Tokens, now: number): KeptSession {
  if (refresh_token === undefined || expires_at === undefined) return { token }
  const life = expires_at - now
  return {
    token,
    refreshToken: refresh_token,
    renewAt: now + (life > 0 ? life * renewAfter : blindMs),
  }
}
