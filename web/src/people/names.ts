import type { Client, ConversationView } from '@nexo-im/client'
import { useConversation, useUser } from '@nexo-im/client/react'
import { type Group, parseConversationId, peerOf } from '@nexo-im/protocol'
import { useSyncExternalStore } from 'react'
import { useClient, useOwnId } from '../client.ts'

/** The name to show for a user; the id until more is known. */
export function useName(userId: string): string {
  const user = useUser(useClient(), userId)
  return user?.nickname || userId
}

/** Undefined until the server has answered, and for `''`. */
function useGroupRecord(groupId: string): Group | undefined {
  const { model } = useClient()
  return useSyncExternalStore(model.subscribe, () => (groupId === '' ? undefined : model.group(groupId)))
}

/** What a conversation id says by itself, before the server has listed the conversation. */
export interface Place {
  readonly id: string
  readonly type: 'single' | 'group'
  readonly peerId: string
  readonly groupId: string
  readonly title: string
  readonly view: ConversationView | undefined
}

/** Undefined for an id that names no conversation of the signed-in user. */
export function usePlace(conversationId: string): Place | undefined {
  const client = useClient()
  const ownId = useOwnId()
  const view = useConversation(client, conversationId)
  const ref = parseConversationId(conversationId)
  const peerId = ref?.type === 'single' ? peerOf(ref.users, ownId) : ''
  const peerName = useName(peerId || ownId)
  const groupId = ref?.type === 'group' ? ref.groupId : ''
  const group = useGroupRecord(groupId)
  if (ref === undefined || (ref.type === 'single' && !ref.users.includes(ownId))) return undefined
  const title = view?.title || (groupId === '' ? peerName : (group?.name ?? groupId))
  return { id: conversationId, type: ref.type, peerId, groupId, title, view }
}

/** Nicknames of several users, in one request; unknown ones are left out. */
export async function fetchNames(client: Client, userIds: readonly string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (let from = 0; from < userIds.length; from += 100) {
    const users = await client.call('user.batch_info', { user_ids: userIds.slice(from, from + 100) })
    for (const user of users) names.set(user.user_id, user.nickname || user.user_id)
  }
  return names
}
