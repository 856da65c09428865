import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, ApiError } from '../http.ts'
import type { Random } from '../random.ts'
import { type Answer, attempted, outcomeOf } from './account.ts'
import type { ChaosClient } from './client.ts'
import { type Journal, microseconds } from './journal.ts'

/** How one user signs in, and what is known of the sign-in that they have. */
export interface SignIn {
  readonly userId: string
  readonly password: string
  readonly api: Api
  readonly journal: Journal
  /** How long sockets may live on after their sign-in was ended. */
  readonly withinMs: number
  token: string
  platform: number
  /** Counts them. */
  session: number
}

type How = 'logout' | 'login' | 'others'

const hows: readonly How[] = ['logout', 'login', 'others']
const platforms = [5, 1] as const
const triesMs = 300
const tries = 300

/** Ends the sign-in in one of three ways, goes on with a new one, and tries the old token once more. */
export async function renewSignIn(client: ChaosClient, own: SignIn, random: Random): Promise<void> {
  const how = hows[Math.floor(random() * hows.length)] ?? 'login'
  const old = { token: own.token, session: own.session }
  let isEnded = false
  if (how === 'logout')
    isEnded = await revoked(own, how, () => own.api.ask(old.token, 'POST', '/auth/logout', {}))
  // From another device that they have, or on the same platform, where a login ends the one before.
  if (how === 'others') own.platform = platforms.find((platform) => platform !== own.platform) ?? own.platform
  const before = microseconds()
  const answer = await signedIn(own)
  if (how !== 'others') {
    const args = { session: old.session, how: 'login' as const, within_ms: own.withinMs }
    own.journal.write({ op: 'revoke', args, result: { outcome: 'ok' } }, before)
    isEnded = true
  }
  own.token = answer
  own.session += 1
  client.renew(own.token, own.session)
  if (how === 'others')
    isEnded = await revoked({ ...own, session: old.session }, how, () =>
      own.api.ask(own.token, 'POST', '/session/revoke_others', {}),
    )
  if (isEnded) await probe(own, old)
}

async function revoked(own: SignIn, how: How, ask: () => Promise<unknown>): Promise<boolean> {
  const invoked = microseconds()
  const result: Answer = await attempted(ask)
  const args = { session: own.session, how, within_ms: own.withinMs }
  own.journal.write({ op: 'revoke', args, result }, invoked)
  return result.outcome === 'ok'
}

/** Comes back with a token, however often it takes; rejects when it never works. */
async function signedIn({ api, userId, password, platform }: SignIn): Promise<string> {
  for (let left = tries; ; left--) {
    try {
      const data = { user_id: userId, password, platform_id: platform }
      return (await api.ask<{ token: string }>('', 'POST', '/auth/login', data)).token
    } catch (error) {
      if (left === 0) throw error
      await sleep(triesMs)
    }
  }
}

async function probe(own: SignIn, old: { readonly token: string; readonly session: number }): Promise<void> {
  const invoked = microseconds()
  const ended: ReadonlySet<number> = new Set([1003, 2001])
  let result: { readonly outcome: 'served' | 'refused' | 'unknown'; readonly code?: number }
  try {
    await own.api.ask(old.token, 'GET', '/session/list')
    result = { outcome: 'served' }
  } catch (error) {
    const { code } = outcomeOf(error)
    const isRefused = error instanceof ApiError && ended.has(error.code)
    result = { outcome: isRefused ? 'refused' : 'unknown', ...(code !== undefined && { code }) }
  }
  own.journal.write({ op: 'probe', args: { session: old.session }, result }, invoked)
}
