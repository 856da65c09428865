import { Forward, Trash2, X } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { useText } from '../i18n/index.ts'
import { IconButton } from '../ui/button.tsx'
import { useToast } from '../ui/toast.tsx'
import { useDesk } from './desk.ts'

/** As many as the server takes at once. */
const most = 100

/** Takes the composer's place while messages are selected. */
export function SelectionBar({ selected }: { selected: ReadonlySet<number> }): ReactNode {
  const t = useText()
  const toast = useToast()
  const { select, show, find } = useDesk()
  const messages = [...selected].toSorted((a, b) => a - b).flatMap((seq) => find(seq) ?? [])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // A window over the chat closes first.
      if (event.key === 'Escape' && document.querySelector('[role=dialog]') === null) select(undefined)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [select])
  const begin = (kind: 'forward' | 'hide'): void => {
    if (messages.length > most) toast('problem', t('select.full'))
    else show({ kind, messages })
  }
  const action =
    'flex h-10 items-center gap-2 rounded-xl px-3 text-small font-medium hover:bg-ink/6 disabled:opacity-45'
  return (
    <div
      role="toolbar"
      aria-label={t('chat.select')}
      className="flex shrink-0 items-center gap-1 border-t border-line bg-paper px-3 py-2.5 sm:px-5"
    >
      <IconButton label={t('select.cancel')} onClick={() => select(undefined)}>
        <X size={19} />
      </IconButton>
      <p className="min-w-0 flex-1 truncate font-medium tabular-nums" role="status">
        {messages.length === 0 ? t('select.none') : t.count('select.count', messages.length)}
      </p>
      <button
        type="button"
        className={action}
        disabled={messages.length === 0}
        onClick={() => begin('forward')}
      >
        <Forward size={18} aria-hidden="true" />
        {t('message.forward')}
      </button>
      <button
        type="button"
        className={`${action} text-danger`}
        disabled={messages.length === 0}
        onClick={() => begin('hide')}
      >
        <Trash2 size={18} aria-hidden="true" />
        <span className="max-sm:sr-only">{t('message.delete.own')}</span>
      </button>
    </div>
  )
}
