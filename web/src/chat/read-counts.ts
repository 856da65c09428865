import type { ChatMessage } from '@nexo-im/client'
import { useEffect, useMemo, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'

export interface ReadCount {
  readonly seq: number
  readonly read: number
  readonly unread: number
  readonly hidden: number
}

const none: ReadonlyMap<number, ReadCount> = new Map()
/** ms within which receipts are answered by one question. */
const gather = 700
/** ms between questions in groups so large that nobody is told who reads. */
const pace = 20_000

/** How many have read the own messages in view; empty in single chats, where the ticks tell. */
export function useReadCounts(
  conversationId: string,
  inGroup: boolean,
  shown: readonly ChatMessage[],
): ReadonlyMap<number, ReadCount> {
  const client = useClient()
  const ownId = useOwnId()
  const [counts, setCounts] = useState(none)
  const wanted = inGroup
    ? shown.filter((m) => m.senderId === ownId && m.seq > 0 && m.gone === undefined).map((m) => m.seq)
    : []
  const key = wanted.join(' ')
  const seqs = useMemo(() => key.split(' ').filter(Boolean).map(Number).slice(-100), [key])
  useEffect(() => {
    if (seqs.length === 0) return
    let live = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = (): void => {
      clearTimeout(timer)
      client
        .call('message.read_counts', { conversation_id: conversationId, seqs })
        .then((answer) => live && setCounts((known) => merged(known, answer)))
        // What is not known is not shown; the next look asks again.
        .catch(() => undefined)
        .finally(() => {
          if (live) timer = setTimeout(ask, pace)
        })
    }
    const soon = (): void => {
      clearTimeout(timer)
      timer = setTimeout(ask, gather)
    }
    // Scrolling passes many messages: only those that stay are asked about.
    timer = setTimeout(ask, 250)
    const stop = client.on('event', ({ name, data }) => {
      if (name === 'receipt' && 'conversation_id' in data && data.conversation_id === conversationId) soon()
    })
    return () => {
      live = false
      clearTimeout(timer)
      stop()
    }
  }, [client, conversationId, seqs])
  return counts
}

function merged(
  known: ReadonlyMap<number, ReadCount>,
  answer: readonly ReadCount[],
): ReadonlyMap<number, ReadCount> {
  return new Map([...known, ...answer.map((count) => [count.seq, count] as const)])
}
