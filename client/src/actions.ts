import type { Client } from './api.ts'
import type { Call } from './call.ts'
import { chatMessage } from './chat-message.ts'
import { newClientMsgId } from './client-msg-id.ts'

/** What can be done with stored messages; thin, over calls whose outcome the model learns by changes. */
export type Actions = Pick<Client, 'edit' | 'recall' | 'remove' | 'react' | 'forward' | 'pin' | 'unpin'>

export function createActions(call: Call): Actions {
  return {
    edit: async (conversation_id, seq, content) =>
      chatMessage(await call('message.edit', { conversation_id, seq, content })),
    recall: async (conversation_id, seq) => {
      await call('message.recall', { conversation_id, seq })
    },
    remove: async (conversation_id, seqs, { forEveryone = false } = {}) => {
      const extent = forEveryone ? { for_everyone: true } : {}
      await call('message.delete', { conversation_id, seqs: [...seqs], ...extent })
    },
    react: async (conversation_id, seq, emoji, remove = false) => {
      await call('message.react', { conversation_id, seq, emoji, ...(remove && { remove }) })
    },
    forward: async (conversation_id, seqs, { userId = '', groupId = '' }, { merged = false, title } = {}) => {
      const sent = await call('message.forward', {
        conversation_id,
        seqs: [...seqs],
        client_msg_id: newClientMsgId(),
        ...(userId !== '' && { recv_id: userId }),
        ...(groupId !== '' && { group_id: groupId }),
        ...(merged && { merged }),
        ...(title !== undefined && { title }),
      })
      return sent.map(chatMessage)
    },
    pin: async (conversation_id, seq) => {
      await call('message.pin', { conversation_id, seq })
    },
    unpin: async (conversation_id, seq) => {
      await call('message.unpin', { conversation_id, seq })
    },
  }
}
