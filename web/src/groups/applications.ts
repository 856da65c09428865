import { useStatus } from '@nexo-im/client/react'
import type { Application } from '@nexo-im/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useClient } from '../client.ts'

export interface Applications {
  /** Undefined until the server answered. */
  readonly list: readonly Application[] | undefined
  readonly failure: unknown
}

/** Who waits to be let in, kept fresh; only admins may ask. */
export function useApplications(groupId: string, enabled: boolean): Applications {
  const client = useClient()
  const { state } = useStatus(client)
  const [list, setList] = useState<readonly Application[] | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const load = useCallback(() => {
    client.call('group.applications', { group_id: groupId, limit: 200 }).then((page) => {
      setList(page.list)
      setFailure(undefined)
    }, setFailure)
  }, [client, groupId])
  useEffect(() => {
    if (enabled && state !== 'connecting') load()
  }, [enabled, load, state])
  useEffect(() => {
    if (!enabled) return
    return client.on('change', ({ application }) => {
      if (application?.group_id === groupId) load()
    })
  }, [client, enabled, groupId, load])
  return { list: enabled ? list : undefined, failure }
}
