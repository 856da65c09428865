import { useConversations } from '@nexo-im/client/react'
import { MessageSquarePlus, UsersRound } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { useNow } from '../dates.ts'
import { JoinGroupDialog } from '../groups/join-group-dialog.tsx'
import { NewGroupDialog } from '../groups/new-group-dialog.tsx'
import { useText } from '../i18n/index.ts'
import { NewChatDialog } from '../people/new-chat-dialog.tsx'
import { useOpenConversation } from '../route.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { ConversationRow } from './conversation-row.tsx'
import { matching } from './filter.ts'
import { OwnHead } from './own-head.tsx'
import { SearchField } from './search-field.tsx'

type OpenDialog = 'chat' | 'group' | 'join' | undefined

export function Sidebar(): ReactNode {
  const t = useText()
  const [dialog, setDialog] = useState<OpenDialog>(undefined)
  const [query, setQuery] = useState('')
  const close = (): void => setDialog(undefined)
  return (
    <nav aria-label={t('list.label')} className="flex h-full min-h-0 flex-col">
      <OwnHead onJoin={() => setDialog('join')} />
      <div className="flex items-center gap-1.5 px-3 pb-2.5">
        <SearchField value={query} onChange={setQuery} />
        <IconButton label={t('new.chat')} onClick={() => setDialog('chat')}>
          <MessageSquarePlus size={19} />
        </IconButton>
        <IconButton label={t('new.group')} onClick={() => setDialog('group')}>
          <UsersRound size={19} />
        </IconButton>
      </div>
      <List query={query} onNewChat={() => setDialog('chat')} />
      {dialog === 'chat' ? <NewChatDialog onClose={close} /> : null}
      {dialog === 'group' ? <NewGroupDialog onClose={close} /> : null}
      {dialog === 'join' ? <JoinGroupDialog onClose={close} /> : null}
    </nav>
  )
}

function List({ query, onNewChat }: { query: string; onNewChat: () => void }): ReactNode {
  const t = useText()
  const now = useNow(60_000)
  const all = useConversations(useClient())
  const open = useOpenConversation()
  const shown = matching(all, query)
  if (all.length === 0) return <Empty onNewChat={onNewChat} />
  if (shown.length === 0) {
    return (
      <p className="px-6 py-8 text-center text-small text-soft">
        {t('list.noMatch', { query: query.trim() })}
      </p>
    )
  }
  return (
    <ul className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-3" onKeyDown={moveFocus}>
      {shown.map((conversation) => (
        <ConversationRow
          key={conversation.id}
          view={conversation}
          open={conversation.id === open}
          now={now}
        />
      ))}
    </ul>
  )
}

function Empty({ onNewChat }: { onNewChat: () => void }): ReactNode {
  const t = useText()
  return (
    <div className="flex flex-col items-center gap-2 px-8 pt-14 text-center">
      <p className="font-semibold">{t('list.empty.title')}</p>
      <p className="text-small text-soft">{t('list.empty.text')}</p>
      <Button className="mt-3" onClick={onNewChat}>
        {t('new.chat')}
      </Button>
    </div>
  )
}

function moveFocus(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const links = [...event.currentTarget.querySelectorAll('a')]
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}
