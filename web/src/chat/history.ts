import type { MessagesView } from '@nexo-im/client'
import { useMessages, useStatus } from '@nexo-im/client/react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from '../client.ts'

export interface History {
  readonly view: MessagesView
  /** Whether the newest page has been asked for and answered, or came from what this device kept. */
  readonly ready: boolean
  readonly failure: unknown
  /** Asks for the newest page again. */
  readonly reload: () => void
  /** Asks for the page above, unless that is under way, failed a moment ago, or there is none. */
  readonly loadOlder: () => void
  readonly loadingOlder: boolean
  readonly olderFailed: boolean
  readonly retryOlder: () => void
}

/** The messages of one conversation and what it takes to get more of them. */
export function useHistory(conversationId: string): History {
  const client = useClient()
  const view = useMessages(client, conversationId)
  const [opened, setOpened] = useState(false)
  const [failure, setFailure] = useState<unknown>(undefined)
  const [olderFailed, setOlderFailed] = useState(false)
  const [loadingOlder, setLoadingOlder] = useState(false)
  const asking = useRef(false)

  const reload = useCallback(() => {
    setFailure(undefined)
    client.open(conversationId).then(() => setOpened(true), setFailure)
  }, [client, conversationId])
  const failed = failure !== undefined
  const { state } = useStatus(client)
  useEffect(reload, [reload])
  useEffect(() => {
    if (failed && state === 'online') reload()
  }, [failed, state, reload])

  const retryOlder = useCallback(() => {
    if (asking.current) return
    asking.current = true
    setLoadingOlder(true)
    setOlderFailed(false)
    client
      .loadOlder(conversationId)
      .catch(() => setOlderFailed(true))
      .finally(() => {
        asking.current = false
        setLoadingOlder(false)
      })
  }, [client, conversationId])
  const loadOlder = useCallback(() => {
    if (view.hasOlder && !loadingOlder && !olderFailed) retryOlder()
  }, [view.hasOlder, loadingOlder, olderFailed, retryOlder])

  const ready = opened || view.messages.length > 0
  return { view, ready, failure, reload, loadOlder, loadingOlder, olderFailed, retryOlder }
}
