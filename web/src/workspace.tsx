import type { Client } from '@nexo-im/client'
import { useTotalUnread } from '@nexo-im/client/react'
import { type ReactNode, useEffect, useMemo } from 'react'
import { Chat } from './chat/chat.tsx'
import { ClientContext, useOwnId } from './client.ts'
import { useDraftSync } from './composer/draft-sync.ts'
import { createDrafts, DraftsContext } from './composer/drafts.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import { Sidebar } from './conversations/sidebar.tsx'
import { Invitation } from './groups/invitation-dialog.tsx'
import { useText } from './i18n/index.ts'
import { Watching } from './people/watching.tsx'
import { useOpenConversation } from './route.ts'
import { CopyableId } from './ui/copy.tsx'
import { Logo } from './ui/logo.tsx'

/** The list on the left, the chat on the right; one of them at a time where the screen is narrow. */
export function Workspace({ client }: { client: Client }): ReactNode {
  const open = useOpenConversation()
  const ownId = client.userId() ?? ''
  const drafts = useMemo(() => createDrafts(ownId), [ownId])
  useDraftSync(client, drafts)
  return (
    <ClientContext value={client}>
      <DraftsContext value={drafts}>
        <UnreadTitle client={client} />
        <div className="flex h-full flex-col">
          <ConnectionBanner />
          <main className="flex min-h-0 flex-1">
            <div
              className={`w-full shrink-0 bg-paper sm:w-[21.5rem] sm:border-e sm:border-line
                ${open === undefined ? '' : 'max-sm:hidden'}`}
            >
              <Sidebar />
            </div>
            <div className={`flex min-w-0 flex-1 flex-col ${open === undefined ? 'max-sm:hidden' : ''}`}>
              {open === undefined ? <Nothing /> : <Chat key={open} conversationId={open} />}
            </div>
          </main>
        </div>
        <Invitation />
        <Watching />
      </DraftsContext>
    </ClientContext>
  )
}

function Nothing(): ReactNode {
  const t = useText()
  const ownId = useOwnId()
  return (
    <div className="m-auto flex max-w-xs flex-col items-center p-6 text-center">
      <Logo size={56} />
      <h1 className="mt-5 text-title font-semibold">{t('chat.choose.title')}</h1>
      <p className="mt-1 text-small text-soft">{t('chat.choose.text')}</p>
      <CopyableId id={ownId} className="mt-2 bg-ink/5 px-3 py-1.5 text-small" />
    </div>
  )
}

function UnreadTitle({ client }: { client: Client }): ReactNode {
  const t = useText()
  const unread = useTotalUnread(client)
  const name = t('app.name')
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${name}` : name
    return () => {
      document.title = name
    }
  }, [unread, name])
  return null
}
