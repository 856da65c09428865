import { usePresence } from '@nexo-im/client/react'
import { onlineStatus } from '@nexo-im/protocol'
import { ArrowLeft, Info, Timer } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import type { Place } from '../people/names.ts'
import { PersonPopover } from '../people/person-popover.tsx'
import { CustomStatusLine } from '../people/presence.tsx'
import { openConversation } from '../route.ts'
import { IconButton } from '../ui/button.tsx'
import { HeaderMenu } from './header-menu.tsx'
import { spanWords } from './spans.ts'
import { TypingLine, useTypingWords } from './typing-line.tsx'

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
  const typing = useTypingWords(place.view)
  return (
    <header className="flex h-16 shrink-0 items-center gap-3 border-b border-line px-3 sm:px-5">
      <IconButton label={t('action.back')} onClick={() => openConversation(undefined)} className="sm:hidden">
        <ArrowLeft size={20} />
      </IconButton>
      {inGroup ? (
        <Avatar id={place.groupId} name={place.title} size={38} group />
      ) : (
        <PersonPopover userId={place.peerId} className="rounded-full">
          <Avatar id={place.peerId} name={place.title} size={38} />
        </PersonPopover>
      )}
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-left text-body font-semibold" dir="auto">
          {place.title}
        </h1>
        {typing !== '' ? (
          <TypingLine words={typing} />
        ) : inGroup ? (
          <p className="truncate text-small text-soft">
            {memberCount === undefined ? ' ' : t.count('chat.members', memberCount)}
          </p>
        ) : (
          <PresenceLine userId={place.peerId} />
        )}
      </div>
      <ExpiryMark seconds={place.view?.expireAfter ?? 0} />
      {inGroup ? (
        <IconButton label={t('chat.details')} aria-expanded={details} onClick={onDetails}>
          <Info size={20} />
        </IconButton>
      ) : null}
      <HeaderMenu />
    </header>
  )
}

function ExpiryMark({ seconds }: { seconds: number }): ReactNode {
  const t = useText()
  if (seconds === 0) return null
  const words = t('expiry.on', { time: spanWords(seconds, t) })
  return (
    <span role="img" aria-label={words} title={words} className="shrink-0 text-accent" data-testid="expiry">
      <Timer size={18} aria-hidden="true" />
    </span>
  )
}

/** Whether the other side is here, or when they were, as far as they let it be seen; then what they say of themselves. */
function PresenceLine({ userId }: { userId: string }): ReactNode {
  const t = useText()
  const presence = usePresence(useClient(), userId)
  if (presence === undefined) return <p className="text-small text-faint">{userId}</p>
  const online = presence.status === onlineStatus.online
  const { platform, last_seen_at: seen } = presence
  const away = seen ? t('person.lastSeen', { time: shortMoment(seen, t) }) : t('chat.offline')
  const here = platform ? t('chat.onlineOn', { platform }) : t('chat.online')
  return (
    <p className="flex items-center gap-1.5 text-small text-soft">
      {online ? <span className="size-2 shrink-0 rounded-full bg-good" aria-hidden="true" /> : null}
      <span className="shrink-0" data-testid="presence">
        {online ? here : away}
      </span>
      <CustomStatusLine userId={userId} className="min-w-0 border-s border-line ps-1.5" />
    </p>
  )
}
