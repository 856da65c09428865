import type { ChatMessage } from '@nexo-im/client'
import { ListOrdered, Pin } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { useText } from '../i18n/index.ts'
import { IconButton } from '../ui/button.tsx'
import { useDesk } from './desk.ts'
import { useMemberName } from './names.ts'

/** The newest pinned message; every press leads to one and goes on to the one before it. */
export function PinnedBar({ pins }: { pins: readonly ChatMessage[] }): ReactNode {
  const [back, setBack] = useState(0)
  const at = pins.length === 0 ? 0 : pins.length - 1 - (back % pins.length)
  const pin = pins[at]
  if (pin === undefined) return null
  return <Bar pin={pin} nth={at + 1} count={pins.length} onNext={() => setBack(back + 1)} />
}

interface BarProps {
  pin: ChatMessage
  nth: number
  count: number
  onNext: () => void
}

function Bar({ pin, nth, count, onNext }: BarProps): ReactNode {
  const t = useText()
  const { jump, show } = useDesk()
  const name = useMemberName(pin.senderId)
  const title = count === 1 ? t('pins.bar') : t('pins.nth', { nth, count })
  return (
    <div
      className="flex shrink-0 items-center gap-1 border-b border-line bg-paper/60 py-1 ps-3 pe-2 sm:ps-5 sm:pe-4"
      data-testid="pinned"
    >
      <button
        type="button"
        title={t('pins.jump')}
        onClick={() => {
          jump(pin.seq)
          onNext()
        }}
        className="flex min-w-0 flex-1 items-center gap-3 rounded-lg py-1 text-start"
      >
        <Pin size={16} className="shrink-0 text-accent" aria-hidden="true" />
        <span className="min-w-0 flex-1 border-s-2 border-accent ps-2.5">
          <span className="block text-micro font-semibold text-accent-strong">{title}</span>
          <span className="block truncate text-small text-soft">
            <bdi>{name}</bdi>: {previewOf(pin, t)}
          </span>
        </span>
      </button>
      <IconButton label={t('pins.list')} onClick={() => show({ kind: 'pins' })}>
        <ListOrdered size={18} />
      </IconButton>
    </div>
  )
}
