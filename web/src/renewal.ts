import type { Client } from '@nexo-im/client'
import { noteReplacement, replacementOf } from './renewed.ts'
import { forgetSession, type KeptSession, keepSession, keptSession, sessionOf } from './session.ts'

const lockName = 'nexo.renewal'

/**
 * A newer token than `old` for the kept session. One tab asks at a time and tells the others what it got: a refresh token
 * that is used twice ends the session. Undefined when there is nothing to renew. Rejects with ImError.
 */
export function renewSession(client: Client, old: string): Promise<KeptSession | undefined> {
  return alone(async () => {
    const kept = keptSession()
    if (kept === undefined || kept.token !== old) return kept
    const done = await replacementOf(old).catch(() => undefined)
    if (done !== undefined) return done
    if (kept.refreshToken === undefined) return undefined
    const tokens = await client.call('auth.refresh', { refresh_token: kept.refreshToken })
    const renewed = sessionOf(tokens, Date.now())
    // Before the lock is given back. Where the browser keeps nothing, the server forgives one repetition.
    await noteReplacement(old, renewed).catch(() => undefined)
    // Somebody may have signed out or in meanwhile: that counts.
    if (keptSession()?.token === old) keepSession(renewed)
    return renewed
  })
}

/** Forgets the session, unless another tab has begun or renewed one meanwhile. */
export function forgetIfStill(token: string): void {
  if (keptSession()?.token === token) forgetSession()
}

/** Where there are no locks (plain http away from loopback) a tab goes ahead: the server forgives one repetition. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = navigator.locks
  return locks === undefined ? work() : await locks.request(lockName, work)
}
