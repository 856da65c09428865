import type { ChatMessage, ConversationView } from '@nexo-im/client'
import { receiveOption } from '@nexo-im/protocol'
import { AtSign, BellOff, Pin } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { useTypingWords } from '../chat/typing-line.tsx'
import { useClient, useOwnId } from '../client.ts'
import { dateAndTime, listTime } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { useName, useTitle } from '../people/names.ts'
import { useIsOnline } from '../people/presence.tsx'
import { addressOf, openConversation } from '../route.ts'
import { Confirm } from '../ui/confirm.tsx'
import { useLongPress } from './long-press.ts'
import { useRowActions } from './row-actions.ts'
import { RowMenu } from './row-menu.tsx'

interface Props {
  view: ConversationView
  open: boolean
  now: number
}

export function ConversationRow({ view, open, now }: Props): ReactNode {
  const t = useText()
  const inGroup = view.type === 'group'
  const title = useTitle(view)
  const online = useIsOnline(view.peerId)
  const [menu, setMenu] = useState(false)
  const [clearing, setClearing] = useState(false)
  const actions = useRowActions(view, title)
  const press = useLongPress(() => setMenu(true))
  const see = useSeeing(view, open)
  return (
    <li
      data-row={view.id}
      className="group relative [content-visibility:auto] [contain-intrinsic-size:auto_4.25rem]"
    >
      <a
        href={addressOf(view.id)}
        aria-current={open ? 'page' : undefined}
        data-conversation={view.id}
        draggable={false}
        onClick={see}
        {...press}
        className={`flex items-center gap-3 rounded-2xl px-2.5 py-2.5 -outline-offset-2 transition-colors
          select-none [-webkit-touch-callout:none] ${open ? 'bg-raised shadow-low' : 'hover:bg-ink/4'}`}
      >
        <Avatar id={inGroup ? view.groupId : view.peerId} name={title} group={inGroup} online={online} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate text-left font-medium" dir="auto" data-testid="title">
              {title}
            </span>
            {online ? <span className="sr-only">{t('chat.online')}</span> : null}
            <Muted option={view.receiveOption} />
            <When view={view} now={now} />
          </span>
          <span className="mt-0.5 flex items-center gap-2 text-small text-soft">
            <Preview view={view} />
            {view.pinned ? (
              <Pin size={13} className="shrink-0 text-faint" role="img" aria-label={t('list.pinned')} />
            ) : null}
            <Mentions count={view.mentions} />
            <Unread view={view} />
          </span>
        </span>
      </a>
      <RowMenu
        view={view}
        title={title}
        actions={actions}
        open={menu}
        onOpenChange={setMenu}
        onClear={() => setClearing(true)}
      />
      {clearing ? (
        <Confirm
          title={t('list.clear.title', { title })}
          text={t('list.clear.text')}
          action={t('list.clear')}
          onConfirm={async () => {
            await actions.clear()
            if (open) openConversation(undefined)
          }}
          onClose={() => setClearing(false)}
        />
      ) : null}
    </li>
  )
}

/** A mark that says "unread" has done its work once the chat is opened, or chosen again while it is open. */
function useSeeing({ id, markedUnread }: ConversationView, open: boolean): () => void {
  const client = useClient()
  const see = (): void => {
    if (markedUnread) client.markRead(id).catch(() => undefined)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: one may mark the chat that is open
  useEffect(() => {
    if (open) see()
  }, [open])
  return see
}

function When({ view, now }: { view: ConversationView; now: number }): ReactNode {
  const t = useText()
  const at = view.lastMessage?.sentAt ?? view.updatedAt
  const loud = view.unread > 0 && view.receiveOption === receiveOption.normal
  return (
    <time
      className={`shrink-0 text-micro tabular-nums ${loud ? 'font-semibold text-spark-text' : 'text-faint'}`}
      dateTime={new Date(at).toISOString()}
      title={dateAndTime(at, t)}
    >
      {listTime(at, t, now)}
    </time>
  )
}

function Preview({ view }: { view: ConversationView }): ReactNode {
  const t = useText()
  const typing = useTypingWords(view)
  const { draft, lastMessage: message } = view
  if (typing !== '') {
    return <span className="min-w-0 flex-1 truncate text-accent-strong">{typing}</span>
  }
  if (draft === '' && message === undefined) {
    return <span className="min-w-0 flex-1 truncate text-faint">{t('list.noMessages')}</span>
  }
  const words = draft === '' && message !== undefined ? lineOf(message, t) : draft.slice(0, 160)
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

function lineOf(message: ChatMessage, t: ReturnType<typeof useText>): string {
  return message.gone === undefined ? previewOf(message, t) : t('message.gone')
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

function Muted({ option }: { option: number }): ReactNode {
  const t = useText()
  if (option === receiveOption.normal) return null
  return (
    <BellOff size={13} className="shrink-0 self-center text-faint" role="img" aria-label={t('list.muted')} />
  )
}

function Mentions({ count }: { count: number }): ReactNode {
  const t = useText()
  if (count === 0) return null
  return (
    <span
      role="img"
      data-testid="mention"
      aria-label={t.count('list.mention', count)}
      title={t.count('list.mention', count)}
      className="grid size-5 shrink-0 place-items-center rounded-full bg-accent text-on-accent"
    >
      <AtSign size={12} strokeWidth={2.5} aria-hidden="true" />
    </span>
  )
}

/** A number, or a dot where somebody only wants to be reminded; grey where one wants to be left in peace. */
function Unread({ view }: { view: ConversationView }): ReactNode {
  const t = useText()
  const { unread: count, markedUnread } = view
  const quiet = view.receiveOption !== receiveOption.normal
  const colours = quiet ? 'bg-ink/15 text-ink' : 'bg-spark text-on-spark'
  if (count === 0) {
    return markedUnread ? (
      <span
        role="img"
        data-testid="marked-unread"
        aria-label={t('list.marked')}
        className={`size-3 shrink-0 rounded-full ${colours}`}
      />
    ) : null
  }
  return (
    <>
      <span
        aria-hidden="true"
        data-testid="unread"
        data-quiet={quiet}
        className={`min-w-5 shrink-0 rounded-full px-1.5 text-center text-micro/5 font-bold tabular-nums ${colours}`}
      >
        {count > 9999 ? '9999+' : count}
      </span>
      <span className="sr-only">{t.count('list.unread', count)}</span>
    </>
  )
}
