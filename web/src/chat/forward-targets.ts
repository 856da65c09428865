import type { ConversationView, SendTarget } from '@nexo-im/client'
import { useConversations, useRelations } from '@nexo-im/client/react'
import { useMemo } from 'react'
import { useClient } from '../client.ts'
import { fold } from '../conversations/filter.ts'

export interface Target {
  /** Of the conversation, which need not exist yet. */
  readonly id: string
  /** User or group, for the avatar. */
  readonly of: string
  readonly name: string
  readonly inGroup: boolean
  readonly to: SendTarget
}

/** Conversations, the latest first, then friends without one. */
export function useForwardTargets(): readonly Target[] {
  const client = useClient()
  const conversations = useConversations(client)
  const relations = useRelations(client)
  return useMemo(() => {
    const targets = conversations.map(targetOf)
    const known = new Set(targets.map((target) => target.id))
    for (const relation of relations?.values() ?? []) {
      const id = client.conversationWith(relation.user_id)
      if (!relation.is_friend || known.has(id)) continue
      const name = relation.remark || relation.user?.nickname || relation.user_id
      targets.push({ id, of: relation.user_id, name, inGroup: false, to: { userId: relation.user_id } })
    }
    return targets
  }, [client, conversations, relations])
}

function targetOf(view: ConversationView): Target {
  const inGroup = view.type === 'group'
  const of = inGroup ? view.groupId : view.peerId
  return { id: view.id, of, name: view.title || of, inGroup, to: inGroup ? { groupId: of } : { userId: of } }
}

/** Those whose name or id contains what is looked for, without regard to case and accents. */
export function matchingTargets(targets: readonly Target[], query: string): readonly Target[] {
  const wanted = fold(query.trim())
  return targets.filter((target) => fold(target.name).includes(wanted) || fold(target.of).includes(wanted))
}
