import type { ChatMessage } from '@nexo-im/client'
import { type ReactNode, useEffect, useState } from 'react'
import { useOwnId } from '../client.ts'
import { useDrafts } from '../composer/drafts.ts'
import { type Text, useText } from '../i18n/index.ts'
import { useDesk } from './desk.ts'
import { useNames } from './names.ts'
import type { ExpiredRow } from './rows.ts'

/** ms for which the words of an own recalled message are kept at hand. */
const againMs = 120_000

/** A message that was taken back or deleted: who did it, and for its author a way to say it better. */
export function GoneLine({ message, flash }: { message: ChatMessage; flash: boolean }): ReactNode {
  const t = useText()
  const ownId = useOwnId()
  const by = message.gone?.by ?? ''
  const [name = '', author = ''] = useNames([by, message.senderId])
  return (
    <div
      className="message-line flex flex-wrap items-center justify-center gap-x-2 px-6 pt-2.5 pb-1"
      data-gone={message.gone?.cause}
      data-seq={message.seq}
      data-flash={flash}
    >
      <p className="quiet-line">{goneWords(message, { ownId, name, author }, t)}</p>
      {message.senderId === ownId && by === ownId ? <Again message={message} /> : null}
    </div>
  )
}

function goneWords(
  { gone, senderId }: Pick<ChatMessage, 'gone' | 'senderId'>,
  { ownId, name, author }: { ownId: string; name: string; author: string },
  t: Text,
): string {
  const stem = gone?.cause === 'recalled' ? 'message.recalled' : 'message.deleted'
  if (gone?.by === senderId) return senderId === ownId ? t(`${stem}.you`) : t(`${stem}.name`, { name })
  return t(`${stem}.by`, {
    name: gone?.by === ownId ? t('notice.you') : name,
    author: senderId === ownId ? t('notice.you.object') : author,
  })
}

function Again({ message }: { message: ChatMessage }): ReactNode {
  const t = useText()
  const drafts = useDrafts()
  const { rights, compose } = useDesk()
  const kept = drafts.recalled(message.conversationId, message.seq)
  const left = kept === undefined ? 0 : kept.at + againMs - Date.now()
  const [over, setOver] = useState(false)
  useEffect(() => {
    if (left <= 0) return
    const timer = setTimeout(() => setOver(true), left)
    return () => clearTimeout(timer)
  }, [left])
  if (kept === undefined || left <= 0 || over || rights.hindrance !== undefined) return null
  const again = (): void => {
    compose(undefined)
    const present = drafts.get(message.conversationId)
    drafts.set(message.conversationId, present === '' ? kept.text : `${present}\n${kept.text}`)
    document.querySelector<HTMLElement>('[data-composer]')?.focus()
  }
  return (
    <button
      type="button"
      className="text-small font-medium text-accent-strong hover:underline"
      onClick={again}
    >
      {t('message.again')}
    </button>
  )
}

export function ExpiredLine({ row }: { row: ExpiredRow }): ReactNode {
  const t = useText()
  return (
    <div
      className="message-line flex justify-center px-6 pt-2.5 pb-1"
      data-gone="expired"
      data-seq={row.from}
    >
      <p className="quiet-line">{t.count('message.expired', row.count)}</p>
    </div>
  )
}
