import { useRelations } from '@nexo-im/client/react'
import { parseConversationId, peerOf } from '@nexo-im/protocol'
import { type ReactNode, useEffect } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useOpenConversation } from '../route.ts'

/** Asks to be told when friends come and go, and whoever one writes to first. */
export function Watching(): ReactNode {
  const client = useClient()
  const ownId = useOwnId()
  const relations = useRelations(client)
  const open = useOpenConversation()
  const ref = parseConversationId(open ?? '')
  const peer = ref?.type === 'single' ? peerOf(ref.users, ownId) : undefined
  const friends = [...(relations?.values() ?? [])].filter((one) => one.is_friend).map((one) => one.user_id)
  // Ids hold no line breaks, so that this names the set of them.
  const names = [...new Set([...(peer === undefined ? [] : [peer]), ...friends])].join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chat that opens asks to watch its peer alone
  useEffect(() => client.watch(names === '' ? [] : names.split('\n')), [client, names, open])
  return null
}
