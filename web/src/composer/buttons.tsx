import { Check, Clock, SendHorizontal, Smile } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useDesk } from '../chat/desk.ts'
import { useText } from '../i18n/index.ts'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { EmojiPopover } from './emoji-popover.tsx'
import type { Writing } from './writing.ts'

const round =
  'grid size-10 shrink-0 place-items-center rounded-full text-soft transition-colors hover:bg-ink/7 hover:text-ink'

export function EmojiButton({ onPick }: { onPick: (sign: string) => void }): ReactNode {
  const t = useText()
  const [open, setOpen] = useState(false)
  const trigger = (
    <button type="button" className={round} aria-label={t('composer.emoji')} title={t('composer.emoji')}>
      <Smile size={20} aria-hidden="true" />
    </button>
  )
  return (
    <EmojiPopover
      open={open}
      onOpenChange={setOpen}
      anchor={{ trigger }}
      onPick={(sign) => {
        onPick(sign)
        setOpen(false)
      }}
      onClosed={() => document.querySelector<HTMLElement>('[data-composer]')?.focus()}
    />
  )
}

/** Messages that wait for their time are counted on the clock. */
export function LaterButton(): ReactNode {
  const t = useText()
  const { composing, show, scheduled } = useDesk()
  const waiting = scheduled.list.length
  if (composing?.kind === 'edit') return null
  const label = waiting === 0 ? t('composer.schedule') : t.count('schedule.waiting', waiting)
  return (
    <button
      type="button"
      className={`${round} relative`}
      aria-label={label}
      title={label}
      onClick={() => show({ kind: 'later' })}
    >
      <Clock size={19} aria-hidden="true" />
      {waiting === 0 ? null : (
        <span className="absolute top-0.5 right-0.5 min-w-4 rounded-full bg-spark px-1 text-center text-micro/4 font-bold text-on-spark">
          {waiting}
        </span>
      )}
    </button>
  )
}

export function SendButton({ writing, onDone }: { writing: Writing; onDone: () => void }): ReactNode {
  const t = useText()
  const { composing } = useDesk()
  const slow = useSlow(writing.busy)
  const editing = composing?.kind === 'edit'
  return (
    <button
      type="button"
      onClick={() => {
        writing.submit()
        onDone()
      }}
      disabled={!writing.ready}
      aria-label={editing ? t('composer.save') : t('composer.send')}
      title={t('composer.hint')}
      className="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition
        hover:bg-accent-strong disabled:bg-ink/8 disabled:text-faint [&_.spin]:text-current"
    >
      {slow ? (
        <Spinner size={18} />
      ) : editing ? (
        <Check size={20} aria-hidden="true" />
      ) : (
        <SendHorizontal size={19} aria-hidden="true" />
      )}
    </button>
  )
}
