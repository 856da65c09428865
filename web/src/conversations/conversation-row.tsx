import type { ChatMessage, ConversationView } from '@nexo-im/client'
import { usePresence } from '@nexo-im/client/react'
import { onlineStatus } from '@nexo-im/protocol'
import { Pin } from 'lucide-react'
import type { ReactNode } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { useClient, useOwnId } from '../client.ts'
import { useDraft } from '../composer/drafts.ts'
import { dateAndTime, listTime } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { useName } from '../people/names.ts'
import { addressOf } from '../route.ts'

interface Props {
  view: ConversationView
  open: boolean
  now: number
}

export function ConversationRow({ view, open, now }: Props): ReactNode {
  const t = useText()
  const inGroup = view.type === 'group'
  const presence = usePresence(useClient(), view.peerId)
  const title = view.title || view.peerId || view.groupId
  const at = view.lastMessage?.sentAt ?? view.updatedAt
  return (
    <li className="[content-visibility:auto] [contain-intrinsic-size:auto_4.25rem]">
      <a
        href={addressOf(view.id)}
        aria-current={open ? 'page' : undefined}
        data-conversation={view.id}
        className={`flex items-center gap-3 rounded-2xl px-2.5 py-2.5 -outline-offset-2 transition-colors
          ${open ? 'bg-raised shadow-low' : 'hover:bg-ink/4'}`}
      >
        <Avatar
          id={inGroup ? view.groupId : view.peerId}
          name={title}
          group={inGroup}
          online={presence?.status === onlineStatus.online}
        />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate text-left font-medium" dir="auto" data-testid="title">
              {title}
            </span>
            {presence?.status === onlineStatus.online ? (
              <span className="sr-only">{t('chat.online')}</span>
            ) : null}
            <time
              className={`shrink-0 text-micro tabular-nums ${view.unread > 0 ? 'font-semibold text-spark-text' : 'text-faint'}`}
              dateTime={new Date(at).toISOString()}
              title={dateAndTime(at, t)}
            >
              {listTime(at, t, now)}
            </time>
          </span>
          <span className="mt-0.5 flex items-center gap-2 text-small text-soft">
            <Preview view={view} />
            {view.pinned ? (
              <Pin size={13} className="shrink-0 text-faint" role="img" aria-label={t('list.pinned')} />
            ) : null}
            <Unread count={view.unread} />
          </span>
        </span>
      </a>
    </li>
  )
}

function Preview({ view }: { view: ConversationView }): ReactNode {
  const t = useText()
  const draft = useDraft(view.id)
  const message = view.lastMessage
  if (draft === '' && message === undefined) {
    return <span className="min-w-0 flex-1 truncate text-faint">{t('list.noMessages')}</span>
  }
  const words = draft === '' && message !== undefined ? previewOf(message, t) : draft.slice(0, 160)
  return (
    <span className="flex min-w-0 flex-1 gap-1">
      {draft === '' && message !== undefined ? (
        <Sender message={message} inGroup={view.type === 'group'} />
      ) : (
        <span className="shrink-0 font-medium text-spark-text">{t('list.draft')} </span>
      )}
      {/* A block of its own direction: cut off at the end of what was written, whichever side that is. */}
      <span className="min-w-0 flex-1 truncate text-left" dir="auto">
        {words}
      </span>
    </span>
  )
}

function Sender({ message, inGroup }: { message: ChatMessage; inGroup: boolean }): ReactNode {
  const t = useText()
  const ownId = useOwnId()
  const name = useName(message.senderId)
  if (message.status === 'failed') {
    return <span className="shrink-0 font-medium text-danger">{t('list.failed')} · </span>
  }
  if (message.senderId === ownId) return <span className="shrink-0 text-faint">{t('list.you')} </span>
  if (!inGroup) return null
  return (
    <span className="max-w-[45%] shrink-0 truncate text-faint">
      <bdi>{name}</bdi>:{' '}
    </span>
  )
}

function Unread({ count }: { count: number }): ReactNode {
  const t = useText()
  if (count === 0) return null
  return (
    <>
      <span
        aria-hidden="true"
        data-testid="unread"
        className="min-w-5 shrink-0 rounded-full bg-spark px-1.5 text-center text-micro/5 font-bold text-on-spark tabular-nums"
      >
        {count > 9999 ? '9999+' : count}
      </span>
      <span className="sr-only">{t.count('list.unread', count)}</span>
    </>
  )
}
