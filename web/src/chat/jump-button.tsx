import { AtSign, ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'

interface Props {
  shown: boolean
  /** Messages below that nobody has seen. */
  count: number
  onJump: () => void
  /** Unread messages that mention the reader. */
  mentions: number
  onMention: () => void
}

const look =
  'arriving relative grid size-11 place-items-center rounded-full bg-raised text-soft shadow-high ring-1 ring-line transition-colors hover:text-ink'

/** Ways down to what is new, and to where one was mentioned. */
export function JumpButtons({ shown, count, onJump, mentions, onMention }: Props): ReactNode {
  const t = useText()
  if (!shown && mentions === 0) return null
  const label = count > 0 ? t.count('chat.newest.count', count) : t('chat.newest')
  const mentionLabel = t.count('chat.mentions', mentions)
  return (
    <div className="absolute right-4 bottom-4 flex flex-col gap-3">
      {mentions === 0 ? null : (
        <button
          type="button"
          onClick={onMention}
          aria-label={mentionLabel}
          title={mentionLabel}
          className={look}
          data-testid="mentions"
        >
          <AtSign size={20} aria-hidden="true" />
          <Badge count={mentions} />
        </button>
      )}
      {shown ? (
        <button type="button" onClick={onJump} aria-label={label} title={label} className={look}>
          <ChevronDown size={21} aria-hidden="true" />
          {count > 0 ? <Badge count={count} /> : null}
        </button>
      ) : null}
    </div>
  )
}

function Badge({ count }: { count: number }): ReactNode {
  return (
    <span
      className="absolute -top-1.5 left-1/2 min-w-5 -translate-x-1/2 rounded-full bg-spark px-1.5 text-center
        text-micro/5 font-bold text-on-spark tabular-nums"
    >
      {count}
    </span>
  )
}
