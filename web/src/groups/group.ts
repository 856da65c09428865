import { useMembership, useGroup as useRecord, useStatus } from '@nexo-im/client/react'
import {
  type Change,
  type Group,
  groupConversationId,
  groupStatus,
  type Member,
  memberStatus,
  type NoticeKind,
} from '@nexo-im/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { isKind } from '../failures.ts'
import { fetchNames } from '../people/names.ts'

const pageSize = 200
/** Several changes of one moment ask for the members once. */
const settleMs = 60

export interface GroupState {
  readonly record: Group | undefined
  /** Owner, admins, then by time of joining. */
  readonly members: readonly Member[]
  readonly names: ReadonlyMap<string, string>
  readonly hasMore: boolean
  readonly loadMore: () => void
  readonly failure: unknown
  readonly reload: () => void
  /** Known for certain not to be a member any more. */
  readonly left: boolean
  readonly dissolved: boolean
  /** The own role level; 0 when not a member or not known yet. */
  readonly role: number
}

interface Loaded {
  readonly members: readonly Member[]
  readonly cursor: string | undefined
  readonly complete: boolean
}

const nothing: Loaded = { members: [], cursor: undefined, complete: false }

/** A group's record and members, kept fresh while it is open; empty for `''`, which single chats pass. */
export function useGroup(groupId: string): GroupState {
  const client = useClient()
  const ownId = useOwnId()
  const record = useRecord(client, groupId)
  const membership = useMembership(client, groupId)
  const [loaded, setLoaded] = useState(nothing)
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const [failure, setFailure] = useState<unknown>(undefined)

  const learn = useCallback(
    async (members: readonly Member[]) => {
      const more = await fetchNames(
        client,
        members.map((member) => member.user_id),
      )
      setNames((known) => new Map([...known, ...more]))
    },
    [client],
  )
  const reload = useCallback(() => {
    if (groupId === '') return
    const load = async (): Promise<void> => {
      const [, page] = await Promise.all([
        client.call('group.info', { group_id: groupId }),
        client.call('group.members', { group_id: groupId, limit: pageSize }),
      ])
      const { members, cursor } = pageOf(page)
      setLoaded({ members, cursor, complete: cursor === undefined })
      setFailure(undefined)
      await learn(members)
    }
    load().catch(setFailure)
  }, [client, groupId, learn])
  const loadMore = useCallback(() => {
    const { cursor } = loaded
    if (cursor === undefined) return
    const load = async (): Promise<void> => {
      const page = await client.call('group.members', {
        group_id: groupId,
        limit: pageSize,
        cursor_user_id: cursor,
      })
      const { members, cursor: next } = pageOf(page)
      setLoaded((now) => ({
        members: [...now.members, ...members],
        cursor: next,
        complete: next === undefined,
      }))
      await learn(members)
    }
    load().catch(setFailure)
  }, [client, groupId, loaded, learn])

  // Again with every new connection: what happened in between was not told.
  const { state } = useStatus(client)
  useEffect(() => {
    if (state !== 'connecting') reload()
  }, [reload, state])
  useMemberChanges(groupId, reload)

  const { members, cursor, complete } = loaded
  const own = members.find((member) => member.user_id === ownId)
  const member = membership ?? own
  const left =
    (membership !== undefined && membership.status !== memberStatus.normal) ||
    (complete && own === undefined) ||
    (isKind(failure, 'no_permission') && members.length === 0)
  return {
    record,
    members,
    names,
    hasMore: cursor !== undefined,
    loadMore,
    failure,
    reload,
    left,
    dissolved: record?.status === groupStatus.dismissed,
    role: left || member === undefined ? 0 : member.role_level,
  }
}

const aboutMembers: ReadonlySet<NoticeKind> = new Set([
  'member_joined',
  'member_left',
  'member_kicked',
  'role_changed',
  'owner_changed',
  'member_muted',
  'nickname_changed',
  'group_dissolved',
])

function useMemberChanges(groupId: string, reload: () => void): void {
  const client = useClient()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    if (groupId === '') return
    const conversationId = groupConversationId(groupId)
    const concerns = ({ notice, member }: Change): boolean =>
      member?.group_id === groupId ||
      (notice?.conversation_id === conversationId && aboutMembers.has(notice.kind))
    const stop = client.on('change', (change) => {
      if (!concerns(change)) return
      clearTimeout(timer.current)
      timer.current = setTimeout(reload, settleMs)
    })
    return () => {
      stop()
      clearTimeout(timer.current)
    }
  }, [client, groupId, reload])
}

type MemberAnswer = readonly Member[] | { list: readonly Member[]; next_cursor?: { user_id: string } }

function pageOf(answer: MemberAnswer): { members: readonly Member[]; cursor: string | undefined } {
  return 'list' in answer
    ? { members: answer.list, cursor: answer.next_cursor?.user_id }
    : { members: answer, cursor: undefined }
}
