import type { ChatMessage } from '@nexo-im/client'
import type { Output } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { Words } from '../bubbles/text.tsx'
import { useClient } from '../client.ts'
import { dateAndTime, shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Asked, useAnswer } from './answer.tsx'
import { wordsOf } from './rights.ts'

type Edition = Output<'message.edits'>[number]

/** What an edited message said before, oldest first, and what it says now. */
export function HistoryDialog({
  message,
  onClose,
}: {
  message: ChatMessage
  onClose: () => void
}): ReactNode {
  const t = useText()
  const client = useClient()
  const { conversationId, seq, edits } = message
  const answer = useAnswer(
    () => client.call('message.edits', { conversation_id: conversationId, seq }),
    `${conversationId} ${seq} ${edits}`,
  )
  return (
    <Dialog title={t('edits.title')} onClose={onClose}>
      <Asked answer={answer}>
        {(editions) => (
          <ol className="-mx-2 max-h-[60dvh] space-y-2 overflow-y-auto px-2">
            {editions.map((edition: Edition) => (
              <Version key={edition.at} at={edition.at} words={wordsIn(message, edition)} />
            ))}
            <Version at={message.editedAt ?? message.sentAt} words={wordsOf(message) ?? ''} now />
          </ol>
        )}
      </Asked>
    </Dialog>
  )
}

function wordsIn({ type }: ChatMessage, { content }: Edition): string {
  return wordsOf({ type, content: content as ChatMessage['content'] }) ?? ''
}

function Version({ at, words, now = false }: { at: number; words: string; now?: boolean }): ReactNode {
  const t = useText()
  return (
    <li className={`rounded-2xl px-3.5 py-2 ${now ? 'bg-tint' : 'bg-ink/5'}`}>
      <p className="flex justify-between gap-3 text-micro text-soft">
        <time dateTime={new Date(at).toISOString()} title={dateAndTime(at, t)}>
          {shortMoment(at, t)}
        </time>
        {now ? <span className="font-semibold">{t('edits.now')}</span> : null}
      </p>
      <p className="[overflow-wrap:anywhere]" dir="auto">
        <Words text={words} />
      </p>
    </li>
  )
}
