import type { ChatMessage } from '@nexo-im/client'
import { useStatus } from '@nexo-im/client/react'
import type { Output } from '@nexo-im/protocol'
import { useEffect, useState } from 'react'
import { useClient } from '../client.ts'

type Pinned = Output<'message.pins'>[number]

const none: readonly ChatMessage[] = []

/** The pinned messages of a conversation by seq, kept fresh; empty until the server has answered. */
export function usePins(conversationId: string): readonly ChatMessage[] {
  const client = useClient()
  const { state } = useStatus(client)
  const [pins, setPins] = useState(none)
  useEffect(() => {
    if (state !== 'online') return
    let live = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = (): void => {
      client
        .call('message.pins', { conversation_id: conversationId })
        .then((list) => live && setPins(list.map(shown)))
        // A conversation that does not exist yet has none.
        .catch(() => undefined)
    }
    ask()
    const stop = client.on('change', ({ message, notice }) => {
      const mine = (message ?? notice)?.conversation_id === conversationId
      const pinning = notice?.kind === 'message_pinned' || notice?.kind === 'message_unpinned'
      if (!mine || (!pinning && message === undefined)) return
      // One deed brings several changes.
      clearTimeout(timer)
      timer = setTimeout(ask, 120)
    })
    return () => {
      live = false
      clearTimeout(timer)
      stop()
    }
  }, [client, conversationId, state])
  return pins
}

function shown(message: Pinned): ChatMessage {
  return {
    clientMsgId: message.client_msg_id,
    conversationId: message.conversation_id,
    seq: message.seq,
    senderId: message.sender_id,
    type: message.msg_type,
    content: message.content,
    sentAt: message.send_at,
    status: 'sent',
    ...(message.mentions && { mentions: message.mentions }),
    ...(message.pinned && { pinned: message.pinned }),
  }
}
