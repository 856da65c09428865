import type { Client } from '@nexo-im/client'
import { type Context, createContext, useContext } from 'react'

export const ClientContext: Context<Client | undefined> = createContext<Client | undefined>(undefined)

/** The client of the session that is open; only for screens behind the sign-in. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === undefined) throw new Error('no session is open here')
  return client
}

/** The own user id; `''` before the session is open, which no screen behind the sign-in sees. */
export function useOwnId(): string {
  return useClient().userId() ?? ''
}
