import type { Message } from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'

/** A stored message as a screen shows it; who read it and how the own user reacted is not the message's to know. */
export function chatMessage(stored: Message): ChatMessage {
  const message: ChatMessage = {
    clientMsgId: stored.client_msg_id,
    conversationId: stored.conversation_id,
    seq: stored.seq,
    senderId: stored.sender_id,
    type: stored.msg_type,
    content: stored.content,
    sentAt: stored.send_at,
    status: 'sent',
    ...(stored.mentions && { mentions: stored.mentions }),
    ...(stored.forwarded && { forwarded: true }),
    ...(stored.edited_at !== undefined && { editedAt: stored.edited_at }),
    ...(stored.edits !== undefined && { edits: stored.edits }),
    ...(stored.gone && { gone: stored.gone }),
    ...(stored.expires_at !== undefined && { expiresAt: stored.expires_at }),
    ...(stored.reactions && Object.keys(stored.reactions).length > 0 && { reactions: stored.reactions }),
    ...(stored.pinned && { pinned: stored.pinned }),
  }
  return stored.hidden ? hiddenForm(message) : message
}

/** What stays of a message that its reader deleted for themselves: its place. */
export function hiddenForm(message: ChatMessage): ChatMessage {
  const { clientMsgId, conversationId, seq, senderId, type, sentAt, status } = message
  return { clientMsgId, conversationId, seq, senderId, type, content: {}, sentAt, status, hidden: true }
}
