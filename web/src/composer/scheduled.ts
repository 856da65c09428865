import type { ChatMessage } from '@nexo-im/client'
import { useStatus } from '@nexo-im/client/react'
import type { Output } from '@nexo-im/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import type { Place } from '../people/names.ts'

export type ScheduledMessage = Output<'message.scheduled'>[number]

export interface Scheduled {
  /** Of this conversation, the soonest first. */
  readonly list: readonly ScheduledMessage[]
  readonly reload: () => void
}

/** The longest delay a timer of the browser takes. */
const longestTimer = 2 ** 31 - 1

/** What waits to be sent into a conversation. */
export function useScheduled(place: Place): Scheduled {
  const client = useClient()
  const { state } = useStatus(client)
  const { peerId, groupId } = place
  const [list, setList] = useState<readonly ScheduledMessage[]>([])
  const reload = useCallback(() => {
    client
      .call('message.scheduled', {})
      .then((all) => setList(all.filter((one) => isFor(one, peerId, groupId))))
      // Asked again with the next connection.
      .catch(() => undefined)
  }, [client, peerId, groupId])
  useEffect(() => {
    if (state === 'online') reload()
  }, [state, reload])
  const soonest = list.find((one) => one.error === undefined)?.at
  useEffect(() => {
    if (soonest === undefined) return
    // A moment later than its time: the server needs one to send it.
    const timer = setTimeout(reload, Math.min(longestTimer, Math.max(1000, soonest - Date.now() + 1500)))
    return () => clearTimeout(timer)
  }, [soonest, reload])
  return { list, reload }
}

function isFor(message: ScheduledMessage, peerId: string, groupId: string): boolean {
  return groupId === '' ? message.recv_id === peerId && !message.group_id : message.group_id === groupId
}

/** As a message, for its one-line preview. */
export function previewed(message: ScheduledMessage): Pick<ChatMessage, 'type' | 'content'> {
  return { type: message.msg_type, content: message.content as ChatMessage['content'] }
}

/** The moment as the field for it wants it: local, to the minute. */
export function fieldTime(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
