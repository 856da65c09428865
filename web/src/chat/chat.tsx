import { type ReactNode, useState } from 'react'
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
import { DeskContext } from './desk.ts'
import { useDeskState } from './desk-state.ts'
import { type History, useHistory } from './history.ts'
import type { JumpTarget } from './jump.ts'
import { MessageList } from './message-list.tsx'
import { PinnedBar } from './pinned-bar.tsx'
import { usePins } from './pins.ts'
import { Sheets } from './sheets.tsx'

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
  const { desk, sheet, target, arrived } = useDeskState(place, group, history)
  const pins = usePins(place.id)
  const inGroup = place.type === 'group'
  return (
    <DeskContext value={desk}>
      <div className="flex min-h-0 min-w-0 flex-1">
        <section className="flex min-w-0 flex-1 flex-col" aria-label={place.title}>
          <ChatHeader
            place={place}
            memberCount={group.record?.member_count}
            details={inGroup ? details : undefined}
            onDetails={() => setDetails(!details)}
          />
          <PinnedBar pins={pins} />
          <Messages place={place} history={history} target={target} onArrived={arrived} />
          <Composer />
        </section>
        {inGroup && details ? (
          <GroupPanel place={place} group={group} onClose={() => setDetails(false)} />
        ) : null}
      </div>
      <Sheets sheet={sheet} pins={pins} />
    </DeskContext>
  )
}

interface MessagesProps {
  place: Place
  history: History
  target: JumpTarget | undefined
  onArrived: () => void
}

function Messages({ place, history, target, onArrived }: MessagesProps): ReactNode {
  const t = useText()
  const slow = useSlow(!history.ready && history.failure === undefined)
  const { messages, notices } = history.view
  if (messages.some((message) => message.hidden !== true) || (history.ready && notices.length > 0))
    return <MessageList place={place} history={history} target={target} onArrived={onArrived} />
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
