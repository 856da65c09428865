import type { Model } from '@nexo-im/client'
import { useSyncExternalStore } from 'react'
import { useClient } from '../client.ts'
import { useDeskIfOpen } from './desk.ts'

/** No user id and no name holds it. */
const between = '\u0000'

/** Names of several people as the open chat calls them: own remark, group nickname, nickname, id. */
export function useNames(ids: readonly string[]): readonly string[] {
  const { model } = useClient()
  const nicknames = useGroupNicknames()
  const read = (): string => ids.map((id) => nameIn(model, nicknames, id)).join(between)
  const joined = useSyncExternalStore(model.subscribe, read)
  return ids.length === 0 ? [] : joined.split(between)
}

export function useMemberName(userId: string): string {
  return useNames([userId])[0] ?? userId
}

function nameIn(model: Model, nicknames: (id: string) => string, id: string): string {
  if (id === '') return ''
  return model.relations()?.get(id)?.remark || nicknames(id) || model.user(id)?.nickname || id
}

function useGroupNicknames(): (id: string) => string {
  const members = useDeskIfOpen()?.group.members ?? []
  return (id) => members.find((member) => member.user_id === id)?.group_nickname ?? ''
}
