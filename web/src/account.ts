import { type Client, createClient } from '@nexo-im/client'
import { useCallback, useEffect, useState } from 'react'
import { forgetDrafts } from './composer/drafts.ts'
import { endsSession } from './failures.ts'
import { forgetToken, keepToken, keptToken } from './session.ts'

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
  | { readonly stage: 'open'; readonly client: Client; readonly token: string }
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
  /** Leaves the ended screen, or a kept session that cannot be resumed. */
  readonly startOver: () => void
  readonly resumeNow: () => void
}

const retryMs = 4000
const newClient = (): Client => createClient({ url: location.origin, platformId })

function firstAccount(): Account {
  const token = keptToken()
  return token === undefined
    ? { stage: 'signed-out' }
    : { stage: 'resuming', token, attempt: 1, unreachable: false }
}

/** The way into and out of a session. */
export function useDoor(): Door {
  const [account, setAccount] = useState(firstAccount)
  useResuming(account, setAccount)
  useSessionEnd(account, setAccount)

  const signIn = useCallback(async ({ userId, password }: Credentials) => {
    const client = newClient()
    await client.login({ user_id: userId, password, platform_id: platformId })
    setAccount(openWith(client))
  }, [])
  const register = useCallback(
    async ({ userId, password, nickname }: Credentials & { nickname: string }) => {
      await newClient().register({ user_id: userId, password, nickname })
      await signIn({ userId, password })
    },
    [signIn],
  )
  const signOut = useCallback(() => {
    forgetToken()
    forgetDrafts()
    setAccount((now) => {
      // The screen need not wait for the server; a session it could not be told about runs out by itself.
      if (now.stage === 'open') now.client.logout().catch(() => undefined)
      return { stage: 'signed-out' }
    })
  }, [])
  const startOver = useCallback(() => {
    forgetToken()
    setAccount({ stage: 'signed-out' })
  }, [])
  const resumeNow = useCallback(
    () => setAccount((now) => (now.stage === 'resuming' ? { ...now, attempt: now.attempt + 1 } : now)),
    [],
  )
  return { account, signIn, register, signOut, startOver, resumeNow }
}

function openWith(client: Client): Account {
  const token = client.token() ?? ''
  keepToken(token)
  // How the connection fares is the status's business; the promise only tells of the first time.
  client.connect().catch(() => undefined)
  return { stage: 'open', client, token }
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
    const refused = (failure: unknown): void => {
      if (!wanted) return
      if (endsSession(failure)) {
        forgetToken()
        setAccount({
          stage: 'ended',
          reason: failure instanceof Error && 'kind' in failure ? String(failure.kind) : '',
        })
        return
      }
      setAccount((now) => (now.stage === 'resuming' ? { ...now, unreachable: true } : now))
      timer = setTimeout(again, retryMs)
    }
    client.resume(token).then(() => wanted && setAccount(openWith(client)), refused)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [token, attempt, setAccount])
}

function useSessionEnd(account: Account, setAccount: SetAccount): void {
  const client = account.stage === 'open' ? account.client : undefined
  const token = account.stage === 'open' ? account.token : undefined
  useEffect(
    () =>
      client?.on('status', (status) => {
        if (status.state !== 'ended') return
        // Another tab may have signed in meanwhile; its token is not ours to forget.
        if (keptToken() === token) forgetToken()
        setAccount((now) => (now.stage === 'open' ? { stage: 'ended', reason: status.reason ?? '' } : now))
      }),
    [client, token, setAccount],
  )
}
