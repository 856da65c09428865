import { usePresence, useUser } from '@nexo-im/client/react'
import { onlineStatus } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'

/** A line of somebody's own choosing; nothing when they have none. */
export function CustomStatusLine({
  userId,
  className = '',
}: {
  userId: string
  className?: string
}): ReactNode {
  const status = useUser(useClient(), userId)?.status
  // It may have run out since it was told.
  if (status === undefined || (status.until !== undefined && status.until <= Date.now())) return null
  return (
    <span className={`truncate text-left ${className}`} dir="auto" data-testid="custom-status">
      {status.emoji === undefined ? '' : `${status.emoji} `}
      {status.text}
    </span>
  )
}

/** Whether somebody is here, and else since when not, as far as they let it be seen. */
export function PresenceWords({ userId }: { userId: string }): ReactNode {
  const t = useText()
  const presence = usePresence(useClient(), userId)
  if (presence === undefined) return null
  if (presence.status === onlineStatus.online) {
    return (
      <span className="inline-flex items-center gap-1.5">
        <span className="size-2 shrink-0 rounded-full bg-good" aria-hidden="true" />
        {t('chat.online')}
      </span>
    )
  }
  const seen = presence.last_seen_at
  return <span>{seen ? t('person.lastSeen', { time: shortMoment(seen, t) }) : t('chat.offline')}</span>
}

export function useIsOnline(userId: string): boolean {
  return usePresence(useClient(), userId)?.status === onlineStatus.online
}
