import { parseConversationId, peerOf } from '@nexo-im/protocol'
import { allows } from '../people/privacy.ts'
import type { Caller, World } from '../world.ts'

/** Groups up to this size are told who read what; in larger ones it is asked for. */
const receiptAudience = 100

/** Tells the other side how far somebody has read or received, as far as they let it be seen. */
export async function tellReceipt(
  world: World,
  userId: string,
  conversation: string,
  to: { readonly read_seq?: number; readonly delivered_seq?: number },
): Promise<void> {
  const ref = parseConversationId(conversation)
  const others =
    ref?.type === 'single'
      ? [peerOf(ref.users, userId)]
      : world.router.audiences.usersOf(conversation, receiptAudience)
  const online = others.filter((id) => id !== userId && world.presence.isOnline(id))
  if (online.length === 0) return
  const open = to.read_seq === undefined ? online.map(() => true) : await seers(world, userId, online)
  const data = { conversation_id: conversation, user_id: userId, ...to }
  world.router.tellUsers(
    online.filter((_, i) => open[i]),
    'receipt',
    data,
  )
}

/** Who of these may see what the owner reads. */
async function seers(world: World, ownerId: string, ids: readonly string[]): Promise<boolean[]> {
  return Promise.all(ids.map(async (id) => (await allows(world, 'see_read', [ownerId], id))[0] ?? false))
}

/**
 * For use in `kept`: a device has everything up to a seq. The listener of an open window tells whether somebody was
 * faster. Embedded handlers hear of it once per rise (M-27). @returns whether it is news
 */
export function noteDelivered(world: World, caller: Caller, conversation: string, seq: number): boolean {
  const { userId, platformId: platform_id, sessionId: session_id } = caller
  const before = world.router.audiences.get(conversation)?.users.get(userId)?.deliveredSeq ?? 0
  if (seq <= before) return false
  world.router.raise(conversation, userId, { deliveredSeq: seq })
  world.hooks.emit('message_delivered', {
    conversation_id: conversation,
    seq,
    user_id: userId,
    platform_id,
    session_id,
  })
  return true
}
