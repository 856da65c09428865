import { type Member, roles } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { dateAndTime, fullDate } from '../dates.ts'
import { explain } from '../failures.ts'
import { type TextKey, useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { addressOf } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import type { GroupState } from './group.ts'

export function MemberList({ group }: { group: GroupState }): ReactNode {
  const t = useText()
  const waiting = useSlow(group.record === undefined && group.failure === undefined)
  return (
    <>
      <h3 className="mt-6 mb-2 text-small font-semibold text-soft">
        {t('group.members')}
        {group.record === undefined ? null : (
          <span className="ms-1.5 font-normal text-faint tabular-nums">{group.record.member_count}</span>
        )}
      </h3>
      {waiting ? <Spinner label={t('app.loading')} /> : null}
      {group.failure === undefined ? null : (
        <p className="text-small text-danger" role="alert">
          {t('group.members.failed')} {explain(group.failure, t)}{' '}
          <button type="button" className="font-medium underline" onClick={group.reload}>
            {t('action.retry')}
          </button>
        </p>
      )}
      <ul>
        {group.members.map((member) => (
          <MemberRow key={member.user_id} member={member} name={nameOf(member, group)} />
        ))}
      </ul>
      {group.hasMore ? (
        <Button look="quiet" className="mt-2 w-full" onClick={group.loadMore}>
          {t('group.members.more')}
        </Button>
      ) : null}
    </>
  )
}

function nameOf(member: Member, group: GroupState): string {
  return member.group_nickname || group.names.get(member.user_id) || member.user_id
}

const badges: Partial<Record<number, TextKey>> = {
  [roles.owner]: 'group.role.owner',
  [roles.admin]: 'group.role.admin',
}

function MemberRow({ member, name }: { member: Member; name: string }): ReactNode {
  const t = useText()
  const client = useClient()
  const own = member.user_id === useOwnId()
  const badge = badges[member.role_level]
  return (
    <li className="flex items-center gap-3 py-1.5">
      <Avatar id={member.user_id} name={name} size={38} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-1.5">
          {own ? (
            <span className="truncate text-left font-medium" dir="auto">
              {name}
            </span>
          ) : (
            <a
              href={addressOf(client.conversationWith(member.user_id))}
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
          {t('group.joinedAt', { date: fullDate(member.joined_at, t) })}
        </span>
      </span>
      {badge === undefined ? null : (
        <span className="shrink-0 rounded-full bg-tint px-2.5 py-0.5 text-micro font-semibold text-accent-strong">
          {t(badge)}
        </span>
      )}
    </li>
  )
}
