import type { ChatMessage } from '@nexo-im/client'
import { Check, CheckCheck, CircleAlert, Clock3, Pin, Timer } from 'lucide-react'
import type { ReactNode } from 'react'
import { clockTime, dateAndTime, shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { useDesk } from './desk.ts'
import type { ReadCount } from './read-counts.ts'

interface Props {
  message: ChatMessage
  own: boolean
  /** In groups, once it is known. */
  reads: ReadCount | undefined
}

/** When it was said, what happened to it since, and how far an own message got. */
export function Meta({ message, own, reads }: Props): ReactNode {
  const t = useText()
  const { place } = useDesk()
  const { sentAt, expiresAt, pinned } = message
  const expiry = expiresAt === undefined ? '' : t('message.expires', { time: shortMoment(expiresAt, t) })
  return (
    <span className={`meta text-micro tabular-nums select-none ${own ? 'text-own-soft' : 'text-faint'}`}>
      {pinned === undefined ? null : <Mark icon={Pin} words={t('message.pinned')} />}
      {expiry === '' ? null : <Mark icon={Timer} words={expiry} />}
      <Edited message={message} />
      <time dateTime={new Date(sentAt).toISOString()} title={dateAndTime(sentAt, t)}>
        {clockTime(sentAt, t)}
      </time>
      {!own ? null : place.type === 'group' && message.status === 'sent' ? (
        <GroupState message={message} reads={reads} />
      ) : (
        <State status={message.status} />
      )}
    </span>
  )
}

function Mark({ icon: Icon, words }: { icon: typeof Pin; words: string }): ReactNode {
  return (
    <span title={words} role="img" aria-label={words}>
      <Icon size={12} aria-hidden="true" />
    </span>
  )
}

function Edited({ message }: { message: ChatMessage }): ReactNode {
  const t = useText()
  const { show } = useDesk()
  if ((message.edits ?? 0) === 0) return null
  return (
    <button
      type="button"
      className="rounded-sm hover:underline"
      aria-label={t('message.edited.label')}
      title={t('message.history')}
      onClick={() => show({ kind: 'history', message })}
    >
      {t('message.edited')}
    </button>
  )
}

const icons = { sending: Clock3, sent: Check, delivered: CheckCheck, read: CheckCheck, failed: CircleAlert }
const tones: Partial<Record<ChatMessage['status'], string>> = {
  failed: 'text-danger',
  read: 'text-accent-strong',
}

function State({ status }: { status: ChatMessage['status'] }): ReactNode {
  const t = useText()
  const Icon = icons[status]
  return (
    <span title={t(`message.${status}`)}>
      <Icon
        size={status === 'read' || status === 'delivered' ? 15 : 13}
        aria-hidden="true"
        className={tones[status] ?? ''}
      />
      <span className="sr-only">{t(`message.${status}`)}</span>
    </span>
  )
}

/** One tick as long as nobody has read it; then how many have, leading to who. */
function GroupState({ message, reads }: { message: ChatMessage; reads: ReadCount | undefined }): ReactNode {
  const t = useText()
  const { show } = useDesk()
  if (reads === undefined || reads.read === 0) return <State status="sent" />
  const label = t.count('readers.count', reads.read)
  return (
    <button
      type="button"
      data-testid="read-count"
      className={`inline-flex items-center gap-0.5 rounded-sm hover:underline ${reads.unread === 0 ? 'text-accent-strong' : ''}`}
      aria-label={label}
      title={label}
      onClick={() => show({ kind: 'readers', message })}
    >
      <CheckCheck size={15} aria-hidden="true" />
      {reads.read}
    </button>
  )
}
