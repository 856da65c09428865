import type { Group, Member, Online, Privacy, Relation, User } from '@nexo-im/protocol'
import { useSyncExternalStore } from 'react'
import type { Client, ConnectionStatus, ConversationView, FriendRequests, MessagesView } from './api.ts'

/** Redraws when what `read` answers has changed; on a server it is drawn once. */
function useModel<T>(client: Client, read: () => T): T {
  return useSyncExternalStore(client.model.subscribe, read, read)
}

export function useStatus(client: Client): ConnectionStatus {
  return useSyncExternalStore((listener) => client.on('status', listener), client.status, client.status)
}

export function useConversations(client: Client): readonly ConversationView[] {
  return useModel(client, client.model.conversations)
}

export function useConversation(client: Client, conversationId: string): ConversationView | undefined {
  return useModel(client, () => client.model.conversation(conversationId))
}

export function useMessages(client: Client, conversationId: string): MessagesView {
  return useModel(client, () => client.model.messages(conversationId))
}

/** Asks the server for the user the first time; undefined until it answered. */
export function useUser(client: Client, userId: string): User | undefined {
  return useModel(client, () => client.model.user(userId))
}

export function usePresence(client: Client, userId: string): Online | undefined {
  return useModel(client, () => client.model.presence(userId))
}

export function useTotalUnread(client: Client): number {
  return useModel(client, client.model.totalUnread)
}

export function useGroup(client: Client, groupId: string): Group | undefined {
  return useModel(client, () => client.model.group(groupId))
}

/** Friends and blocked users by id; undefined until the server answered, as with the next three. */
export function useRelations(client: Client): ReadonlyMap<string, Relation> | undefined {
  return useModel(client, client.model.relations)
}

export function useFriendRequests(client: Client): FriendRequests | undefined {
  return useModel(client, client.model.friendRequests)
}

export function usePrivacy(client: Client): Privacy | undefined {
  return useModel(client, client.model.privacy)
}

/** The own membership of a group: role, mute, nickname. */
export function useMembership(client: Client, groupId: string): Member | undefined {
  return useModel(client, () => client.model.membership(groupId))
}
