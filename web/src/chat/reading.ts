import type { Client, ConversationView } from '@nexo-im/client'
import { useCallback, useEffect, useRef, useState } from 'react'

function watched(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}

/** Whether somebody is likely to look at the page. */
export function useWatched(): boolean {
  const [state, setState] = useState(watched)
  useEffect(() => {
    const look = (): void => setState(watched())
    addEventListener('focus', look)
    addEventListener('blur', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      removeEventListener('focus', look)
      removeEventListener('blur', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [])
  return state
}

/** Seq of the first message unread when the chat was opened, or when somebody came back to it. */
export function useFirstUnread(view: ConversationView | undefined, isWatched: boolean): number | undefined {
  const [first, setFirst] = useState(() => firstUnreadOf(view))
  const latest = useRef(view)
  latest.current = view
  const away = useRef(false)
  useEffect(() => {
    if (!isWatched) away.current = true
    else if (away.current) {
      away.current = false
      const now = firstUnreadOf(latest.current)
      if (now !== undefined) setFirst(now)
    }
  }, [isWatched])
  return first
}

function firstUnreadOf(view: ConversationView | undefined): number | undefined {
  return view !== undefined && view.unread > 0 ? view.readSeq + 1 : undefined
}

/** Moves the read position up to what has been in view while somebody was looking. */
export function useMarkRead(
  client: Client,
  view: ConversationView | undefined,
  seenSeq: number,
  isWatched: boolean,
): void {
  const asked = useRef(0)
  const conversationId = view?.id
  const readSeq = view?.readSeq ?? 0
  const mark = useCallback(
    (id: string, seq: number) => {
      asked.current = seq
      client.markRead(id, seq).catch(() => {
        // Asked again with the next look: a read mark that failed is no reason to disturb anybody.
        asked.current = 0
      })
    },
    [client],
  )
  useEffect(() => {
    if (!isWatched || conversationId === undefined || seenSeq <= Math.max(readSeq, asked.current)) return
    mark(conversationId, seenSeq)
  }, [isWatched, conversationId, seenSeq, readSeq, mark])
}
