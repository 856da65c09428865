import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { hueOf } from '../people/initials.ts'
import { useName } from '../people/names.ts'
import { type Body, numberIn, wordsIn } from './body.ts'
import { Words } from './text.tsx'

interface QuoteBubbleProps {
  body: Body
  /** Brings the message with this seq into view. */
  onJump: (seq: number) => void
}

export function QuoteBubble({ body, onJump }: QuoteBubbleProps): ReactNode {
  const t = useText()
  const snapshot =
    typeof body['snapshot'] === 'object' && body['snapshot'] !== null ? (body['snapshot'] as Body) : {}
  const senderId = wordsIn(snapshot, 'sender_id') ?? ''
  const name = useName(senderId)
  const seq = numberIn(body, 'seq')
  const text = wordsIn(body, 'text')
  return (
    <>
      <button
        type="button"
        title={t('bubble.quote.jump')}
        onClick={() => seq === undefined || onJump(seq)}
        className="mb-1 block w-full rounded-lg border-s-3 border-accent bg-ink/5 px-2.5 py-1 text-start text-small"
      >
        <span className="name-colour block truncate font-medium" style={{ '--hue': hueOf(senderId) }}>
          {name || t('bubble.quote.gone')}
        </span>
        <span className="line-clamp-2 text-soft">
          {wordsIn(snapshot, 'preview') ?? t('bubble.quote.gone')}
        </span>
      </button>
      {text === undefined ? null : <Words text={text} />}
    </>
  )
}
