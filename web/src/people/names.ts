import type { Client, ConversationView } from '@nexo-im/client'
import { useConversation, useGroup, useRelations, useUser } from '@nexo-im/client/react'
import { parseConversationId, peerOf } from '@nexo-im/protocol'
import { useClient, useOwnId } from '../client.ts'

/** The name to show for a user: the own one for them, else their nickname; the id until more is known. */
export function useName(userId: string): string {
  const client = useClient()
  const user = useUser(client, userId)
  const remark = useRelations(client)?.get(userId)?.remark
  return remark || user?.nickname || userId
}

/** As `useName`, outside of drawing. */
export function nameOf(client: Client, userId: string): string {
  return client.model.relations()?.get(userId)?.remark || client.model.user(userId)?.nickname || userId
}

/** The title of a conversation: a name only the own user gives goes before what others are called. */
export function useTitle(view: ConversationView): string {
  const remark = useRelations(useClient())?.get(view.peerId)?.remark
  return remark || view.title || view.peerId || view.groupId
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
  const group = useGroup(client, groupId)
  if (ref === undefined || (ref.type === 'single' && !ref.users.includes(ownId))) return undefined
  const title = groupId === '' ? peerName : view?.title || (group?.name ?? groupId)
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
