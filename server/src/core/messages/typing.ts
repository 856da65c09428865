import { type Input, receiveOption } from '@nexo-im/protocol'
import type { Handlers } from '../handler.ts'
import type { Caller, World } from '../world.ts'
import { freshStanding } from './rewriting.ts'

/** Larger groups are not told who writes: one keystroke must not become a hundred thousand pushes (A39). */
const typingAudience = 500

/** Kept nowhere. Nothing is written here that could judge a remembered right, so that is looked up anew. */
async function typing(
  world: World,
  { userId }: Caller,
  { conversation_id: conversation, typing: isTyping }: Input<'message.typing'>,
): Promise<null> {
  const { groupId } = await freshStanding(world, userId, conversation)
  await world.router.prepare([conversation])
  const users = world.router.audiences.get(conversation)?.users
  if (users === undefined || users.size > typingAudience) return null
  const others = [...users].filter(([id, { option }]) => id !== userId && option !== receiveOption.none)
  world.router.tellUsers(
    others.map(([id]) => id),
    'typing',
    {
      conversation_id: conversation,
      user_id: userId,
      typing: isTyping,
      ...(groupId !== '' && { group_id: groupId }),
    },
  )
  return null
}

export const typingHandlers = { 'message.typing': typing } satisfies Partial<Handlers>
