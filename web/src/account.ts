import { type Client, createClient } from '@nexo-im/client'
import { useCallback, useEffect, useState } from 'react'
import { forgetDrafts } from './composer/drafts.ts'
import { endsSession, isKind } from './failures.ts'
import { forgetIfStill, renewSession } from './renewal.ts'
import { forgetReplacements } from './renewed.ts'
import {
  forgetSession,
  type KeptSession,
  keepSession,
  keptSession,
  sessionOf,
  watchSession,
} from './session.ts'
import { deviceName } from './sign-in/device-name.ts'

/** Web. */
const platformId = 5

export type Account =
  | {
      readonly stage: 'resuming'
      readonly token: string
      readonly attempt: number
      readonly unreachable: boolean
    }
  | { readonly stage: 'signed-out' }
  | { readonly stage: 'open'; readonly client: Client; readonly session: KeptSession; readonly since: number }
  | { readonly stage: 'ended'; readonly reason: string }

export interface Credentials {
  readonly userId: string
  readonly password: string
}

export interface Door {
  readonly account: Account
  /** Both reject with what the server said. */
  readonly signIn: (credentials: Credentials) => Promise<void>
  readonly register: (credentials: Credentials & { nickname: string }) => Promise<void>
  readonly signOut: () => void
  /** Leaves without telling the server, which knows: the ended screen, a deleted account, a session left alone. */
  readonly startOver: () => void
  readonly resumeNow: () => void
}

const retryMs = 4000
/** Between two attempts to renew a token that is still good for a while. */
const renewRetryMs = 60_000
/** Timers cannot wait for longer than 24 days, and sleep while a laptop does. */
const renewLookMs = 600_000
const newClient = (): Client => createClient({ url: location.origin, platformId })

function firstAccount(): Account {
  const kept = keptSession()
  return kept === undefined ? { stage: 'signed-out' } : resuming(kept.token)
}

function resuming(token: string): Account {
  return { stage: 'resuming', token, attempt: 1, unreachable: false }
}

/** The way into and out of a session. */
export function useDoor(): Door {
  const [account, setAccount] = useState(firstAccount)
  useResuming(account, setAccount)
  useSessionEnd(account, setAccount)
  useRenewal(account, setAccount)

  const signIn = useCallback(async ({ userId, password }: Credentials) => {
    const client = newClient()
    const tokens = await client.call('auth.login', {
      user_id: userId,
      password,
      platform_id: platformId,
      device_name: deviceName(navigator.userAgent),
    })
    await client.resume(tokens.token)
    const session = sessionOf(tokens, Date.now())
    keepSession(session)
    setAccount(openWith(client, session))
  }, [])
  const register = useCallback(
    async ({ userId, password, nickname }: Credentials & { nickname: string }) => {
      await newClient().register({ user_id: userId, password, nickname })
      await signIn({ userId, password })
    },
    [signIn],
  )
  const signOut = useCallback(() => {
    forgetSession()
    forgetDrafts()
    forgetReplacements().catch(() => undefined)
    setAccount((now) => {
      // The screen need not wait for the server; a session it could not be told about runs out by itself.
      if (now.stage === 'open') now.client.logout().catch(() => undefined)
      return { stage: 'signed-out' }
    })
  }, [])
  const startOver = useCallback(() => {
    forgetSession()
    setAccount({ stage: 'signed-out' })
  }, [])
  const resumeNow = useCallback(
    () => setAccount((now) => (now.stage === 'resuming' ? { ...now, attempt: now.attempt + 1 } : now)),
    [],
  )
  return { account, signIn, register, signOut, startOver, resumeNow }
}

function openWith(client: Client, session: KeptSession): Account {
  // How the connection fares is the status's business; the promise only tells of the first time.
  client.connect().catch(() => undefined)
  return { stage: 'open', client, session, since: Date.now() }
}

type SetAccount = (next: Account | ((now: Account) => Account)) => void

/** A kept token is tried until the server accepts or refuses it: being unreachable is no reason to forget it. */
function useResuming(account: Account, setAccount: SetAccount): void {
  const token = account.stage === 'resuming' ? account.token : undefined
  const attempt = account.stage === 'resuming' ? account.attempt : 0
  useEffect(() => {
    if (token === undefined) return
    let wanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const client = newClient()
    const again = (): void =>
      setAccount((now) =>
        now.stage === 'resuming' ? { ...now, attempt: attempt + 1, unreachable: true } : now,
      )
    const enter = async (): Promise<void> => {
      try {
        await client.resume(token)
        if (wanted) setAccount(openWith(client, keptAs(token)))
      } catch (failure) {
        if (!isKind(failure, 'token_expired')) throw failure
        const renewed = await renewSession(client, token)
        if (renewed === undefined || renewed.token === token) throw failure
        if (wanted) setAccount(resuming(renewed.token))
      }
    }
    enter().catch((failure: unknown) => {
      if (!wanted) return
      if (endsSession(failure)) {
        forgetIfStill(token)
        setAccount({ stage: 'ended', reason: reasonOf(failure) })
        return
      }
      setAccount((now) => (now.stage === 'resuming' ? { ...now, unreachable: true } : now))
      timer = setTimeout(again, retryMs)
    })
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [token, attempt, setAccount])
}

function keptAs(token: string): KeptSession {
  const kept = keptSession()
  return kept?.token === token ? kept : { token }
}

function reasonOf(failure: unknown): string {
  return failure instanceof Error && 'kind' in failure ? String(failure.kind) : ''
}

function useSessionEnd(account: Account, setAccount: SetAccount): void {
  const client = account.stage === 'open' ? account.client : undefined
  const token = account.stage === 'open' ? account.session.token : undefined
  useEffect(
    () =>
      client?.on('status', ({ state, reason = '' }) => {
        if (state !== 'ended') return
        const kept = keptSession()
        // The token this client was opened with ran out, the session need not have.
        if (kept !== undefined && (reason === 'token_expired' || reason === 'expired'))
          return setAccount((now) => (now.stage === 'open' ? resuming(kept.token) : now))
        // Another tab may have signed in meanwhile; its token is not ours to forget.
        if (token !== undefined) forgetIfStill(token)
        setAccount((now) => (now.stage === 'open' ? { stage: 'ended', reason } : now))
      }),
    [client, token, setAccount],
  )
}

/** Renews the token of an open session in time, and takes over what another tab renewed; the connection stays. */
function useRenewal(account: Account, setAccount: SetAccount): void {
  const client = account.stage === 'open' ? account.client : undefined
  const session = account.stage === 'open' ? account.session : undefined
  useEffect(() => {
    if (client === undefined || session?.renewAt === undefined) return
    const { token, renewAt } = session
    let wanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const wait = (ms: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => void look(), Math.max(0, Math.min(ms, renewLookMs)))
    }
    const take = (next: KeptSession | undefined): void => {
      if (!wanted || next === undefined || next.token === token) return
      client.setToken(next.token)
      setAccount((now) => (now.stage === 'open' && now.client === client ? { ...now, session: next } : now))
    }
    const look = async (): Promise<void> => {
      const left = renewAt - Date.now()
      if (left > 0) return wait(left)
      try {
        take(await renewSession(client, token))
      } catch {
        // Not reached: again in a while. Refused: the connection learns that by itself.
        if (wanted) wait(renewRetryMs)
      }
    }
    void look()
    const stop = watchSession(() => take(keptSession()))
    return () => {
      wanted = false
      clearTimeout(timer)
      stop()
    }
  }, [client, session, setAccount])
}
