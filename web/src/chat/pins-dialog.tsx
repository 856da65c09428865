import type { ChatMessage } from '@nexo-im/client'
import { PinOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useDesk } from './desk.ts'
import { usePin } from './message-menu.tsx'
import { useMemberName } from './names.ts'

interface Props {
  pins: readonly ChatMessage[]
  onClose: () => void
}

export function PinsDialog({ pins, onClose }: Props): ReactNode {
  const t = useText()
  return (
    <Dialog title={t('pins.label')} onClose={onClose}>
      {pins.length === 0 ? (
        <p className="text-small text-soft">{t('pins.none')}</p>
      ) : (
        <ul className="-mx-2 max-h-[60dvh] overflow-y-auto">
          {pins.toReversed().map((pin) => (
            <PinLine key={pin.seq} pin={pin} onClose={onClose} />
          ))}
        </ul>
      )}
    </Dialog>
  )
}

function PinLine({ pin, onClose }: { pin: ChatMessage; onClose: () => void }): ReactNode {
  const t = useText()
  const { jump, rights } = useDesk()
  const unpin = usePin()
  const name = useMemberName(pin.senderId)
  return (
    <li className="flex items-center gap-1 rounded-xl hover:bg-ink/4">
      <button
        type="button"
        className="min-w-0 flex-1 rounded-xl px-2 py-2 text-start"
        title={t('pins.jump')}
        onClick={() => {
          onClose()
          jump(pin.seq)
        }}
      >
        <span className="flex items-baseline gap-2 text-small">
          <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
            {name}
          </span>
          <span className="shrink-0 text-micro text-faint">{shortMoment(pin.sentAt, t)}</span>
        </span>
        <span className="line-clamp-2 text-small text-soft" dir="auto">
          {previewOf(pin, t)}
        </span>
      </button>
      {rights.governs ? (
        <IconButton label={t('message.unpin')} onClick={() => unpin(pin.conversationId, pin.seq, false)}>
          <PinOff size={17} />
        </IconButton>
      ) : null}
    </li>
  )
}
