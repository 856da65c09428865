import { useMembership } from '@nexo-im/client/react'
import { type Member, roles } from '@nexo-im/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { SearchField } from '../conversations/search-field.tsx'
import { dateAndTime, fullDate, shortMoment, useNow } from '../dates.ts'
import { explain } from '../failures.ts'
import { type TextKey, useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { useName } from '../people/names.ts'
import { PersonPopover } from '../people/person-popover.tsx'
import { useRelation } from '../people/relations.ts'
import { addressOf } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import type { GroupState } from './group.ts'
import { MemberMenu } from './member-menu.tsx'

/** Few enough to see at a glance need no search. */
const searchFrom = 8

export function MemberList({ group, groupId }: { group: GroupState; groupId: string }): ReactNode {
  const t = useText()
  const [query, setQuery] = useState('')
  const found = useFound(groupId, query.trim(), group.members)
  const waiting = useSlow(group.members.length === 0 && group.failure === undefined)
  const shown = found ?? group.members
  const count = group.record?.member_count
  return (
    <>
      <h3 className="mt-6 mb-2 text-small font-semibold text-soft">
        {t('group.members')}
        {count === undefined ? null : (
          <span className="ms-1.5 font-normal text-faint tabular-nums">{count}</span>
        )}
      </h3>
      {group.hasMore || group.members.length >= searchFrom ? (
        <div className="mb-2 flex">
          <SearchField value={query} onChange={setQuery} label={t('group.members.search')} />
        </div>
      ) : null}
      {waiting ? <Spinner label={t('app.loading')} /> : null}
      {group.failure === undefined ? null : (
        <p className="text-small text-danger" role="alert">
          {t('group.members.failed')} {explain(group.failure, t)}{' '}
          <button type="button" className="font-medium underline" onClick={group.reload}>
            {t('action.retry')}
          </button>
        </p>
      )}
      {found?.length === 0 ? (
        <p className="py-3 text-small text-soft">{t('group.members.none', { query: query.trim() })}</p>
      ) : null}
      <ul aria-label={t('group.members')}>
        {shown.map((member) => (
          <MemberRow key={member.user_id} member={member} group={group} />
        ))}
      </ul>
      {group.hasMore && found === undefined ? (
        <Button look="quiet" className="mt-2 w-full" onClick={group.loadMore}>
          {t('group.members.more')}
        </Button>
      ) : null}
    </>
  )
}

/** As people type, a little after the last key. */
const settleMs = 200

/** What the server finds; undefined without a query. Asked again when the members changed. */
function useFound(groupId: string, query: string, members: readonly Member[]): readonly Member[] | undefined {
  const client = useClient()
  const [found, setFound] = useState<readonly Member[] | undefined>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer is as old as the members are
  useEffect(() => {
    if (query === '') return setFound(undefined)
    let wanted = true
    const timer = setTimeout(() => {
      client
        .call('group.search_members', { group_id: groupId, query, limit: 100 })
        .then((list) => wanted && setFound(list))
        .catch(() => undefined)
    }, settleMs)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [client, groupId, query, members])
  return query === '' ? undefined : found
}

const badges: Partial<Record<number, TextKey>> = {
  [roles.owner]: 'group.role.owner',
  [roles.admin]: 'group.role.admin',
}

function MemberRow({ member, group }: { member: Member; group: GroupState }): ReactNode {
  const t = useText()
  const client = useClient()
  const { user_id: id } = member
  const own = id === useOwnId()
  const nickname = useName(id)
  const remark = useRelation(id)?.remark
  const name = remark || member.group_nickname || nickname
  const badge = badges[member.role_level]
  const muted = useMuted(member, own)
  return (
    <li data-member={id} className="flex items-center gap-3 py-1.5">
      <PersonPopover userId={id} className="rounded-full">
        <Avatar id={id} name={name} size={38} />
      </PersonPopover>
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-1.5">
          {own ? (
            <span className="truncate text-left font-medium" dir="auto">
              {name}
            </span>
          ) : (
            <a
              href={addressOf(client.conversationWith(id))}
              title={t('group.message', { name })}
              className="truncate text-left font-medium hover:underline"
              dir="auto"
            >
              {name}
            </a>
          )}
          {own ? <span className="text-small text-faint">{t('group.you')}</span> : null}
        </span>
        <span className="block truncate text-small text-faint" title={dateAndTime(member.joined_at, t)}>
          {muted > 0
            ? t('group.member.mutedUntil', { time: shortMoment(muted, t) })
            : t('group.joinedAt', { date: fullDate(member.joined_at, t) })}
        </span>
      </span>
      {badge === undefined ? null : (
        <span className="shrink-0 rounded-full bg-tint px-2.5 py-0.5 text-micro font-semibold text-accent-strong">
          {t(badge)}
        </span>
      )}
      {own ? null : <MemberMenu member={member} name={name} muted={muted > 0} group={group} />}
    </li>
  )
}

/** Unix ms until which a member is silenced; 0 = not. */
function useMuted(member: Member, own: boolean): number {
  const membership = useMembership(useClient(), own ? member.group_id : '')
  const until = (own ? membership?.muted_until : member.muted_until) ?? 0
  const now = useNow(until > 0 ? 15_000 : undefined)
  return until > now ? until : 0
}
