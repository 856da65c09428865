import { useStatus } from '@nexo-im/client/react'
import type { Group, Member } from '@nexo-im/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { fetchNames } from '../people/names.ts'

const pageSize = 200

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
}

interface Loaded {
  readonly record: Group | undefined
  readonly members: readonly Member[]
  readonly cursor: string | undefined
}

const nothing: Loaded = { record: undefined, members: [], cursor: undefined }

/** A group's record and members, kept fresh while it is open; empty for `''`, which single chats pass. */
export function useGroup(groupId: string): GroupState {
  const client = useClient()
  const ownId = useOwnId()
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
      const [record, page] = await Promise.all([
        client.call('group.info', { group_id: groupId }),
        client.call('group.members', { group_id: groupId, limit: pageSize }),
      ])
      const { members, cursor } = pageOf(page)
      setLoaded({ record, members, cursor })
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
      const next = pageOf(page)
      setLoaded((now) => ({ ...now, members: [...now.members, ...next.members], cursor: next.cursor }))
      await learn(next.members)
    }
    load().catch(setFailure)
  }, [client, groupId, loaded, learn])

  // Again with every new connection: what happened in between was not told.
  const { state } = useStatus(client)
  useEffect(() => {
    if (state !== 'connecting') reload()
  }, [reload, state])
  useEffect(
    () =>
      client.on('event', ({ name, data }) => {
        if (
          (name === 'user_joined' || name === 'user_left') &&
          'group_id' in data &&
          data.group_id === groupId
        )
          reload()
      }),
    [client, groupId, reload],
  )
  const complete = loaded.record !== undefined && loaded.cursor === undefined
  const left = complete && !loaded.members.some((member) => member.user_id === ownId)
  const { record, members, cursor } = loaded
  return { record, members, names, hasMore: cursor !== undefined, loadMore, failure, reload, left }
}

type MemberAnswer = readonly Member[] | { list: readonly Member[]; next_cursor?: { user_id: string } }

function pageOf(answer: MemberAnswer): { members: readonly Member[]; cursor: string | undefined } {
  return 'list' in answer
    ? { members: answer.list, cursor: answer.next_cursor?.user_id }
    : { members: answer, cursor: undefined }
}
