import { eventPush, type Session } from '../session.ts'
import type { World } from '../world.ts'

/** Form of frames of clients that know a resync only by the conversations it names (nexo-wire 10.5). */
const classic = 'nexo'

/**
 * Pushes went missing, and nobody knows which: every session of this node is told to look for itself. Ours ask for whatever
 * changed; classic ones are named all their conversations, one user after the other, since that has to be looked up.
 */
export async function tellMissed(world: World): Promise<void> {
  const { presence, router, log } = world
  const sessions = [...presence.all()]
  router.tellSessions(
    sessions.filter((s) => s.codec !== classic),
    'resync',
    { conversations: {} },
  )
  const byUser = Map.groupBy(
    sessions.filter((s) => s.codec === classic),
    (s) => s.userId,
  )
  for (const [userId, own] of byUser) {
    try {
      await tellHeads(world, userId, own)
    } catch (error) {
      log.error({ err: error }, 'a device could not be told what it may have missed')
    }
  }
}

async function tellHeads({ store }: World, userId: string, sessions: readonly Session[]): Promise<void> {
  const views = await store.list('view', 'by_user', [userId])
  const open = views.filter((v) => v.max_seq === null).map((v) => v.conversation_id)
  const heads = await store.heads(open)
  const conversations = Object.fromEntries(open.map((c, i) => [c, heads[i]?.seq ?? 0]))
  const push = eventPush('resync', { conversations })
  for (const session of sessions) session.push(push)
}
