import type { ReactNode } from 'react'
import { useDeskIfOpen } from '../chat/desk.ts'
import { useMemberName } from '../chat/names.ts'
import { type Text, useText } from '../i18n/index.ts'
import { hueOf } from '../people/initials.ts'
import { type Body, numberIn, wordsIn } from './body.ts'
import { type Previewed, previewOf } from './preview.ts'
import { Words } from './text.tsx'

interface QuoteBubbleProps {
  body: Body
  mentions?: readonly string[] | undefined
  /** Brings the message with this seq into view. */
  onJump: (seq: number) => void
}

export function QuoteBubble({ body, mentions, onJump }: QuoteBubbleProps): ReactNode {
  const t = useText()
  const seq = numberIn(body, 'seq')
  const source = useSource(body, seq)
  const name = useMemberName(source.senderId)
  const text = wordsIn(body, 'text')
  return (
    <>
      <button
        type="button"
        title={t('bubble.quote.jump')}
        data-quote={seq}
        onClick={() => seq === undefined || onJump(seq)}
        className="mb-1 block w-full rounded-lg border-s-3 border-accent bg-ink/5 px-2.5 py-1 text-start text-small"
      >
        <span className="name-colour block truncate font-medium" style={{ '--hue': hueOf(source.senderId) }}>
          {name || t('bubble.quote.gone')}
        </span>
        <span className={`line-clamp-2 text-soft ${source.gone ? 'italic' : ''}`}>{source.line(t)}</span>
      </button>
      {text === undefined ? null : <Words text={text} mentions={mentions} />}
    </>
  )
}

interface Source {
  readonly senderId: string
  readonly gone: boolean
  readonly line: (t: Text) => string
}

/** What the server kept of the source; while the quote is still on its way, the source itself. */
function useSource(body: Body, seq: number | undefined): Source {
  const desk = useDeskIfOpen()
  const loaded = seq === undefined ? undefined : desk?.find(seq)
  const snapshot = snapshotOf(body)
  if (loaded?.gone !== undefined || snapshot?.['gone'] === true) {
    const senderId = loaded?.senderId ?? wordsIn(snapshot ?? {}, 'sender_id') ?? ''
    return { senderId, gone: true, line: (t) => t('message.gone') }
  }
  if (snapshot !== undefined) {
    const preview = wordsIn(snapshot, 'preview')
    const typed = numberIn(snapshot, 'msg_type')
    return {
      senderId: wordsIn(snapshot, 'sender_id') ?? '',
      gone: false,
      line: (t) => (preview === undefined ? t('bubble.quote.gone') : told(typed, preview, loaded, t)),
    }
  }
  return {
    senderId: loaded?.senderId ?? '',
    gone: false,
    line: (t) => (loaded === undefined ? t('bubble.quote.gone') : previewOf(loaded, t)),
  }
}

/** The server's preview of what is no text is in no language: the message itself says it better. */
function told(type: number | undefined, preview: string, loaded: Previewed | undefined, t: Text): string {
  const worded = type === undefined || type === 1 || type === 8
  return worded || loaded === undefined ? preview : previewOf(loaded, t)
}

function snapshotOf(body: Body): Body | undefined {
  const snapshot = body['snapshot']
  return typeof snapshot === 'object' && snapshot !== null ? (snapshot as Body) : undefined
}
