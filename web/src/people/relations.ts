import { useFriendRequests, useRelations } from '@nexo-im/client/react'
import type { FriendRequest, Relation } from '@nexo-im/protocol'
import { useClient } from '../client.ts'

/** Undefined while unknown and where there is none: both mean "a stranger" to a screen. */
export function useRelation(userId: string): Relation | undefined {
  return useRelations(useClient())?.get(userId)
}

/** Friends by the name they are shown under. Undefined until the server answered. */
export function useFriends(): readonly Relation[] | undefined {
  const relations = useRelations(useClient())
  if (relations === undefined) return undefined
  return [...relations.values()].filter((one) => one.is_friend).sort(byName)
}

/** Undefined until the server answered. */
export function useBlocked(): readonly Relation[] | undefined {
  const relations = useRelations(useClient())
  if (relations === undefined) return undefined
  return [...relations.values()].filter((one) => one.is_blocked).sort(byName)
}

/** The request between the own user and somebody that waits for an answer. */
export function useRequestWith(userId: string): { incoming?: FriendRequest; outgoing?: FriendRequest } {
  const requests = useFriendRequests(useClient())
  const incoming = requests?.incoming.find((one) => one.from_id === userId)
  const outgoing = requests?.outgoing.find((one) => one.to_id === userId)
  return { ...(incoming && { incoming }), ...(outgoing && { outgoing }) }
}

/** What a relation itself says about the name; the id when it says nothing. */
export function shownName({ remark, user, user_id: id }: Relation): string {
  return remark || user?.nickname || id
}

function byName(a: Relation, b: Relation): number {
  return shownName(a).localeCompare(shownName(b))
}
