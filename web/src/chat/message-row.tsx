import type { ChatMessage } from '@nexo-im/client'
import { msgType } from '@nexo-im/protocol'
import { Check, CircleAlert, Clock3, RotateCcw, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { bodyOf, wordsIn } from '../bubbles/body.ts'
import { Bubble } from '../bubbles/bubble.tsx'
import { isJumbo } from '../bubbles/text.tsx'
import { useClient, useOwnId } from '../client.ts'
import { clockTime, dateAndTime } from '../dates.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { hueOf } from '../people/initials.ts'
import { useName } from '../people/names.ts'
import type { MessageRow } from './rows.ts'

interface Props {
  row: MessageRow
  inGroup: boolean
  onJump: (seq: number) => void
}

export function MessageLine({ row, inGroup, onJump }: Props): ReactNode {
  const { message, first, last } = row
  const own = message.senderId === useOwnId()
  const failed = message.status === 'failed'
  const name = useName(message.senderId)
  const bare = message.type === msgType.text && isJumbo(wordsIn(bodyOf(message) ?? {}, 'text') ?? '')
  const named = inGroup && !own
  return (
    <div
      data-message={message.clientMsgId}
      data-seq={message.seq}
      data-status={message.status}
      className={`px-4 sm:px-6 ${first ? 'pt-2.5' : 'pt-1'}`}
    >
      <div className={`flex items-end gap-2 ${own ? 'justify-end' : 'justify-start'}`}>
        {named ? (
          <span className="w-8 shrink-0">
            {last ? <Avatar id={message.senderId} name={name} size={32} /> : null}
          </span>
        ) : null}
        <div
          className={`bubble ${bare ? 'py-1' : 'px-3.5 py-2'}`}
          data-side={bare ? 'bare' : own ? 'own' : 'theirs'}
          data-first={first}
          data-last={last}
          data-failed={failed && !bare}
        >
          {named && first ? (
            <span
              className="name-colour mb-0.5 block max-w-full truncate text-left text-small font-semibold"
              style={{ '--hue': hueOf(message.senderId) }}
              dir="auto"
            >
              {name}
            </span>
          ) : null}
          <div className="speech" dir="auto">
            <Bubble message={message} onJump={onJump} />
            <Meta message={message} own={own} />
          </div>
        </div>
      </div>
      {failed ? <Failure message={message} /> : null}
    </div>
  )
}

function Meta({ message, own }: { message: ChatMessage; own: boolean }): ReactNode {
  const t = useText()
  return (
    <span
      className={`meta text-micro tabular-nums select-none ${own ? 'text-own-soft' : 'text-faint'}`}
      title={dateAndTime(message.sentAt, t)}
    >
      <time dateTime={new Date(message.sentAt).toISOString()}>{clockTime(message.sentAt, t)}</time>
      {own ? <State status={message.status} /> : null}
    </span>
  )
}

const icons = { sending: Clock3, sent: Check, failed: CircleAlert }

function State({ status }: { status: ChatMessage['status'] }): ReactNode {
  const t = useText()
  const Icon = icons[status]
  return (
    <>
      <Icon size={13} aria-hidden="true" className={status === 'failed' ? 'text-danger' : ''} />
      <span className="sr-only">{t(`message.${status}`)}</span>
    </>
  )
}

/** Why a message was not sent, and what to do about it. */
function Failure({ message }: { message: ChatMessage }): ReactNode {
  const t = useText()
  const client = useClient()
  const action = 'inline-flex items-center gap-1 rounded-md px-1 font-medium hover:underline'
  return (
    <div className="mt-1 flex flex-wrap items-center justify-end gap-x-2 text-small text-danger">
      <span>
        {message.error === undefined
          ? t('message.failed')
          : t('message.failed.because', { reason: explain(message.error, t) })}
      </span>
      <button type="button" className={action} onClick={() => client.retry(message.clientMsgId)}>
        <RotateCcw size={13} aria-hidden="true" />
        {t('action.retry')}
      </button>
      <button type="button" className={action} onClick={() => client.discard(message.clientMsgId)}>
        <Trash2 size={13} aria-hidden="true" />
        {t('action.discard')}
      </button>
    </div>
  )
}
