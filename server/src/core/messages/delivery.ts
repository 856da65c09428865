import { type Input, parseConversationId } from '@nexo-im/protocol'
import { keep } from '../conflict.ts'
import type { Window } from '../conversations/windows.ts'
import type { Handlers } from '../handler.ts'
import type { Caller, World } from '../world.ts'
import { noteDelivered, tellReceipt } from './receipts.ts'

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
  const { userId } = caller
  const key = [conversation, userId]
  const isSingle = parseConversationId(conversation)?.type === 'single'
  let raised = false
  await keep(world, {
    conversation,
    build: ({ position }) => ({
      // A closed window has no listener that would tell whether somebody was faster.
      ...(view.max_seq !== null && { expect: [{ kind: 'view', key, version: view.version }] }),
      raise: [{ kind: 'view', key, to: { delivered_seq: seq, ...(isSingle && { position }) } }],
    }),
    kept: () => {
      raised = noteDelivered(world, caller, conversation, seq)
    },
  })
  if (raised && isSingle) await tellReceipt(world, userId, conversation, { delivered_seq: seq })
  return null
}

export const deliveryHandlers = { 'message.ack': ack } satisfies Partial<Handlers>
