import type { ConversationView } from '@nexo-im/client'
import { useConversations, useFriendRequests, useRelations } from '@nexo-im/client/react'
import { BookUser, MessageSquarePlus, MessagesSquare, UsersRound } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { useNow } from '../dates.ts'
import { JoinGroupDialog } from '../groups/join-group-dialog.tsx'
import { NewGroupDialog } from '../groups/new-group-dialog.tsx'
import { useText } from '../i18n/index.ts'
import { Contacts } from '../people/contacts.tsx'
import { NewChatDialog } from '../people/new-chat-dialog.tsx'
import { useOpenConversation } from '../route.ts'
import { SettingsDialog } from '../settings/settings-dialog.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { ConversationRow } from './conversation-row.tsx'
import { matching } from './filter.ts'
import { OwnHead } from './own-head.tsx'
import { SearchField } from './search-field.tsx'

type OpenDialog = 'chat' | 'group' | 'join' | 'settings' | undefined

export function Sidebar(): ReactNode {
  const t = useText()
  const [dialog, setDialog] = useState<OpenDialog>(undefined)
  const close = (): void => setDialog(undefined)
  return (
    <nav aria-label={t('list.label')} className="flex h-full min-h-0 flex-col">
      {/* On a phone the list is the page. */}
      <h1 className="sr-only sm:hidden">{t('list.label')}</h1>
      <OwnHead onJoin={() => setDialog('join')} onSettings={() => setDialog('settings')} />
      <Tabs.Root defaultValue="chats" className="flex min-h-0 flex-1 flex-col">
        <Tabs.Content value="chats" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Chats onNewChat={() => setDialog('chat')} onNewGroup={() => setDialog('group')} />
        </Tabs.Content>
        <Tabs.Content value="contacts" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Contacts />
        </Tabs.Content>
        <TabBar />
      </Tabs.Root>
      {dialog === 'chat' ? <NewChatDialog onClose={close} /> : null}
      {dialog === 'group' ? <NewGroupDialog onClose={close} /> : null}
      {dialog === 'join' ? <JoinGroupDialog onClose={close} /> : null}
      {dialog === 'settings' ? <SettingsDialog onClose={close} /> : null}
    </nav>
  )
}

function TabBar(): ReactNode {
  const t = useText()
  const requests = useFriendRequests(useClient())?.incoming.length ?? 0
  const tab =
    'relative flex h-13 flex-1 flex-col items-center justify-center gap-0.5 text-micro font-medium text-faint ' +
    '-outline-offset-2 transition-colors hover:text-ink data-[state=active]:text-accent-strong'
  return (
    <Tabs.List
      aria-label={t('tabs.label')}
      className="flex shrink-0 border-t border-line pb-[env(safe-area-inset-bottom)]"
    >
      <Tabs.Trigger value="chats" className={tab}>
        <MessagesSquare size={19} aria-hidden="true" />
        {t('tabs.chats')}
      </Tabs.Trigger>
      <Tabs.Trigger value="contacts" className={tab}>
        <span className="relative">
          <BookUser size={19} aria-hidden="true" />
          {requests === 0 ? null : (
            <span
              aria-hidden="true"
              data-testid="requests"
              className="absolute -top-1.5 left-3 min-w-4.5 rounded-full bg-spark px-1 text-center text-micro/4.5 font-bold
                text-on-spark tabular-nums"
            >
              {requests}
            </span>
          )}
        </span>
        {t('tabs.contacts')}
        {requests === 0 ? null : <span className="sr-only">{t.count('tabs.requests', requests)}</span>}
      </Tabs.Trigger>
    </Tabs.List>
  )
}

function Chats({ onNewChat, onNewGroup }: { onNewChat: () => void; onNewGroup: () => void }): ReactNode {
  const t = useText()
  const [query, setQuery] = useState('')
  return (
    <>
      <div className="flex items-center gap-1.5 px-3 pb-2.5">
        <SearchField value={query} onChange={setQuery} label={t('list.search')} />
        <IconButton label={t('new.chat')} onClick={onNewChat}>
          <MessageSquarePlus size={19} />
        </IconButton>
        <IconButton label={t('new.group')} onClick={onNewGroup}>
          <UsersRound size={19} />
        </IconButton>
      </div>
      <List query={query} onNewChat={onNewChat} />
    </>
  )
}

function List({ query, onNewChat }: { query: string; onNewChat: () => void }): ReactNode {
  const t = useText()
  const now = useNow(60_000)
  const all = useNamed(useConversations(useClient()))
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

/** With the names the own user gave: they are what one searches for. */
function useNamed(views: readonly ConversationView[]): readonly ConversationView[] {
  const relations = useRelations(useClient())
  return views.map((view) => {
    const remark = relations?.get(view.peerId)?.remark ?? ''
    return remark === '' ? view : { ...view, title: remark }
  })
}

function Empty({ onNewChat }: { onNewChat: () => void }): ReactNode {
  const t = useText()
  return (
    <div className="flex min-h-0 flex-1 flex-col items-center gap-2 overflow-y-auto px-8 pt-14 text-center">
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
  // Menus of the rows hang elsewhere in the page, but their keys come through here too.
  if (step === 0 || !event.currentTarget.contains(event.target as Node)) return
  const links = [...event.currentTarget.querySelectorAll('a')]
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}
