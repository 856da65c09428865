import { type Input, parseConversationId } from '@nexo-im/protocol'
import { keep } from './conflict.ts'
import { tellReceipt } from './conversations.ts'
import type { Handlers } from './handler.ts'
import type { Window } from './windows.ts'
import type { Caller, World } from './world.ts'

/**
 * A device has received everything up to a seq. The position only ever rises and is clamped to what is visible; in
 * single chats the other side is told, and one that is away finds it in its change stream.
 */
async function ack(
  world: World,
  caller: Caller,
  { conversation_id: conversation, seq: asked }: Input<'message.ack'>,
  { view, maxSeq }: Window,
): Promise<null> {
  const seq = Math.min(asked, maxSeq)
  if (!view || seq <= view.delivered_seq) return null
  const { userId, platformId: platform_id, sessionId: session_id } = caller
  const key = [conversation, userId]
  const isSingle = parseConversationId(conversation)?.type === 'single'
  let raised = false
  await keep(world, {
    conversation,
    build: ({ position }) => ({
      // The listener of an open window tells whether somebody was faster; a closed one has none.
      ...(view.max_seq !== null && { expect: [{ kind: 'view', key, version: view.version }] }),
      raise: [{ kind: 'view', key, to: { delivered_seq: seq, ...(isSingle && { position }) } }],
    }),
    kept: () => {
      const before = world.router.audiences.get(conversation)?.users.get(userId)?.deliveredSeq ?? 0
      raised = seq > before
      if (!raised) return
      world.router.audiences.raise(conversation, userId, { deliveredSeq: seq })
      const data = { conversation_id: conversation, seq, user_id: userId, platform_id, session_id }
      world.hooks.emit('message_delivered', data)
    },
  })
  if (raised && isSingle) await tellReceipt(world, userId, conversation, { delivered_seq: seq })
  return null
}

export const deliveryHandlers = { 'message.ack': ack } satisfies Partial<Handlers>
