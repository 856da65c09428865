import { ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'

interface Props {
  shown: boolean
  /** Messages below that nobody has seen. */
  count: number
  onJump: () => void
}

export function JumpButton({ shown, count, onJump }: Props): ReactNode {
  const t = useText()
  if (!shown) return null
  const label = count > 0 ? t.count('chat.newest.count', count) : t('chat.newest')
  return (
    <button
      type="button"
      onClick={onJump}
      aria-label={label}
      title={label}
      className="arriving absolute right-4 bottom-4 grid size-11 place-items-center rounded-full bg-raised text-soft
        shadow-high ring-1 ring-line transition-colors hover:text-ink"
    >
      <ChevronDown size={21} aria-hidden="true" />
      {count > 0 ? (
        <span
          className="absolute -top-1.5 min-w-5 rounded-full bg-spark px-1.5 text-center text-micro/5 font-bold
            text-on-spark tabular-nums"
        >
          {count}
        </span>
      ) : null}
    </button>
  )
}
