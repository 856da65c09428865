export type {
  ChatMessage,
  Client,
  ClientEvents,
  ConnectionState,
  ConnectionStatus,
  ConversationView,
  Forwarding,
  FriendRequests,
  MessagesView,
  Model,
  Outgoing,
  SendTarget,
} from './api.ts'
export { type ClientOptions, createClient } from './client.ts'
export { type Clock, systemClock } from './clock.ts'
export { type HttpLinkOptions, httpLink } from './links/http.ts'
export type { LinkDoor, LinkListener, LinkTarget } from './links/link.ts'
export { localLink } from './links/local.ts'
export { type WebSocketOptions, websocketLink } from './links/websocket.ts'
export { type Network, platformNetwork } from './network.ts'
export type { Direct } from './rest.ts'
export { indexedDbOutbox } from './store/indexeddb.ts'
export { memoryOutbox } from './store/memory.ts'
export type { OpenOutbox, OutboxEntry, OutboxStore } from './store/outbox-store.ts'
