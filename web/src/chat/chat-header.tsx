import { usePresence } from '@nexo-im/client/react'
import { onlineStatus } from '@nexo-im/protocol'
import { ArrowLeft, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import type { Place } from '../people/names.ts'
import { openConversation } from '../route.ts'
import { IconButton } from '../ui/button.tsx'

interface Props {
  place: Place
  memberCount: number | undefined
  /** Whether the group's details are open; undefined in single chats. */
  details: boolean | undefined
  onDetails: () => void
}

export function ChatHeader({ place, memberCount, details, onDetails }: Props): ReactNode {
  const t = useText()
  const inGroup = place.type === 'group'
  return (
    <header className="flex h-16 shrink-0 items-center gap-3 border-b border-line px-3 sm:px-5">
      <IconButton label={t('action.back')} onClick={() => openConversation(undefined)} className="sm:hidden">
        <ArrowLeft size={20} />
      </IconButton>
      <Avatar id={inGroup ? place.groupId : place.peerId} name={place.title} size={38} group={inGroup} />
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-left text-body font-semibold" dir="auto">
          {place.title}
        </h1>
        {inGroup ? (
          <p className="truncate text-small text-soft">
            {memberCount === undefined ? ' ' : t.count('chat.members', memberCount)}
          </p>
        ) : (
          <PresenceLine userId={place.peerId} />
        )}
      </div>
      {inGroup ? (
        <IconButton label={t('chat.details')} aria-expanded={details} onClick={onDetails}>
          <Info size={20} />
        </IconButton>
      ) : null}
    </header>
  )
}

function PresenceLine({ userId }: { userId: string }): ReactNode {
  const t = useText()
  const presence = usePresence(useClient(), userId)
  if (presence === undefined) return <p className="text-small text-faint">{userId}</p>
  const online = presence.status === onlineStatus.online
  const platform = presence.platform
  return (
    <p className="flex items-center gap-1.5 truncate text-small text-soft" data-testid="presence">
      {online ? <span className="size-2 shrink-0 rounded-full bg-good" aria-hidden="true" /> : null}
      {online ? (platform ? t('chat.onlineOn', { platform }) : t('chat.online')) : t('chat.offline')}
    </p>
  )
}
