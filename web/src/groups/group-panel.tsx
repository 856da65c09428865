import { X } from 'lucide-react'
import { type ReactNode, useSyncExternalStore } from 'react'
import { useText } from '../i18n/index.ts'
import type { Place } from '../people/names.ts'
import { IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import type { GroupState } from './group.ts'
import { GroupDetails } from './group-details.tsx'

interface Props {
  place: Place
  group: GroupState
  onClose: () => void
}

/** Beside the chat where there is room, over it where there is none. */
export function GroupPanel({ place, group, onClose }: Props): ReactNode {
  const t = useText()
  const roomy = useRoomy()
  if (!roomy) {
    return (
      <Dialog title={t('chat.details')} onClose={onClose}>
        <div className="-mx-2 max-h-[75dvh] overflow-y-auto px-2">
          <GroupDetails place={place} group={group} onLeft={onClose} />
        </div>
      </Dialog>
    )
  }
  return (
    <aside
      aria-label={t('chat.details')}
      className="flex w-80 shrink-0 flex-col border-s border-line bg-paper"
    >
      <div className="flex h-16 shrink-0 items-center justify-between border-b border-line ps-5 pe-3">
        <h2 className="font-semibold">{t('chat.details')}</h2>
        <IconButton label={t('chat.details.close')} onClick={onClose}>
          <X size={19} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto p-5">
        <GroupDetails place={place} group={group} onLeft={onClose} />
      </div>
    </aside>
  )
}

function useRoomy(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia('(width >= 68rem)')
      query.addEventListener('change', changed)
      return () => query.removeEventListener('change', changed)
    },
    () => matchMedia('(width >= 68rem)').matches,
  )
}
