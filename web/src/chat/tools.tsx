import type { ChatMessage } from '@nexo-im/client'
import { Ellipsis, Reply, SmilePlus } from 'lucide-react'
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { useText } from '../i18n/index.ts'
import { useDesk } from './desk.ts'
import type { Spot } from './spot.ts'

interface Props {
  message: ChatMessage
  own: boolean
  name: string
  reachable: boolean
  onReach: (seq: number) => void
  onMenu: (spot: Spot) => void
  onPicker: (spot: Spot) => void
}

const look =
  'grid size-8 place-items-center rounded-full text-soft transition-colors hover:bg-ink/8 hover:text-ink'

/**
 * Beside the bubble while one points at the line or has the focus in it. Of all of them only the last button of one
 * message is a stop of the Tab key; the arrow keys lead from message to message.
 */
export function Tools(props: Props): ReactNode {
  const { message, own, name, reachable, onReach, onMenu, onPicker } = props
  const t = useText()
  const { rights, compose } = useDesk()
  const writes = rights.hindrance === undefined
  const spotOf = ({ currentTarget: from, detail }: MouseEvent<HTMLElement>): Spot => {
    const { left, bottom } = from.getBoundingClientRect()
    // A click of the keyboard counts no presses.
    return { message, x: left, y: bottom, from, byKey: detail === 0 }
  }
  return (
    <span className="tools" data-side={own ? 'own' : 'theirs'}>
      {writes ? (
        <>
          <button
            type="button"
            tabIndex={-1}
            className={`${look} max-sm:hidden`}
            aria-label={t('message.react')}
            title={t('message.react')}
            onClick={(event) => onPicker(spotOf(event))}
          >
            <SmilePlus size={17} aria-hidden="true" />
          </button>
          <button
            type="button"
            tabIndex={-1}
            className={`${look} max-sm:hidden`}
            aria-label={t('message.reply')}
            title={t('message.reply')}
            onClick={() => compose({ kind: 'reply', message })}
          >
            <Reply size={17} aria-hidden="true" />
          </button>
        </>
      ) : null}
      <button
        type="button"
        data-actions={message.seq}
        tabIndex={reachable ? 0 : -1}
        className={look}
        aria-haspopup="menu"
        aria-label={t('message.menu', { name, text: previewOf(message, t).slice(0, 60) })}
        title={t('message.menu.short')}
        onFocus={() => onReach(message.seq)}
        onKeyDown={walk}
        onClick={(event) => onMenu(spotOf(event))}
      >
        <Ellipsis size={18} aria-hidden="true" />
      </button>
    </span>
  )
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const all = [
    ...(event.currentTarget.closest('[role=log]')?.querySelectorAll<HTMLElement>('[data-actions]') ?? []),
  ]
  const next = all[all.indexOf(event.currentTarget) + step]
  event.preventDefault()
  next?.focus()
}
