import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { Composer } from '../composer/composer.tsx'
import { explain } from '../failures.ts'
import { useGroup } from '../groups/group.ts'
import { GroupPanel } from '../groups/group-panel.tsx'
import { useText } from '../i18n/index.ts'
import { type Place, usePlace } from '../people/names.ts'
import { openConversation } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { ChatHeader } from './chat-header.tsx'
import { type History, useHistory } from './history.ts'
import { MessageList } from './message-list.tsx'

export function Chat({ conversationId }: { conversationId: string }): ReactNode {
  const t = useText()
  const place = usePlace(conversationId)
  if (place !== undefined) return <ChatOf place={place} />
  return (
    <div className="m-auto flex flex-col items-center gap-4 p-6 text-center text-soft">
      <p>{t('error.conversation_not_found')}</p>
      <Button look="quiet" onClick={() => openConversation(undefined)}>
        {t('action.back')}
      </Button>
    </div>
  )
}

function ChatOf({ place }: { place: Place }): ReactNode {
  const history = useHistory(place.id)
  const group = useGroup(place.groupId)
  const [details, setDetails] = useState(false)
  useWatchPeer(place.peerId)
  const inGroup = place.type === 'group'
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <section className="flex min-w-0 flex-1 flex-col" aria-label={place.title}>
        <ChatHeader
          place={place}
          memberCount={group.record?.member_count}
          details={inGroup ? details : undefined}
          onDetails={() => setDetails(!details)}
        />
        <Messages place={place} history={history} />
        <Composer place={place} left={group.left} />
      </section>
      {inGroup && details ? (
        <GroupPanel place={place} group={group} onClose={() => setDetails(false)} />
      ) : null}
    </div>
  )
}

/** The peer of a chat that is not in the list yet would otherwise not be watched. */
function useWatchPeer(peerId: string): void {
  const client = useClient()
  useEffect(() => client.watch(peerId === '' ? [] : [peerId]), [client, peerId])
}

function Messages({ place, history }: { place: Place; history: History }): ReactNode {
  const t = useText()
  const slow = useSlow(!history.ready && history.failure === undefined)
  if (history.view.messages.length > 0) return <MessageList place={place} history={history} />
  return (
    <div className="grid min-h-0 flex-1 place-items-center p-6 text-center text-soft">
      {history.failure !== undefined ? (
        <div className="flex flex-col items-center gap-3">
          <p>
            {t('chat.loadFailed')} {explain(history.failure, t)}
          </p>
          <Button look="quiet" onClick={history.reload}>
            {t('action.retry')}
          </Button>
        </div>
      ) : history.ready ? (
        <p>{t('chat.empty')}</p>
      ) : (
        slow && <Spinner size={26} label={t('chat.loading')} />
      )}
    </div>
  )
}
