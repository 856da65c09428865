import type { Online, User } from '@nexo-im/protocol'
import { useSyncExternalStore } from 'react'
import type { Client, ConnectionStatus, ConversationView, MessagesView } from './api.ts'

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
