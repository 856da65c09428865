import { roles } from '@nexo-im/protocol'
import { X } from 'lucide-react'
import { type ReactNode, useState, useSyncExternalStore } from 'react'
import { useOwnId } from '../client.ts'
import { fullDate } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import type { Place } from '../people/names.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { CopyableId } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import type { GroupState } from './group.ts'
import { LeaveDialog } from './leave-dialog.tsx'
import { MemberList } from './member-list.tsx'

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
        <div className="-mx-2 max-h-[70dvh] overflow-y-auto px-2">
          <Details place={place} group={group} onLeft={onClose} />
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
        <Details place={place} group={group} onLeft={onClose} />
      </div>
    </aside>
  )
}

function Details({
  place,
  group,
  onLeft,
}: {
  place: Place
  group: GroupState
  onLeft: () => void
}): ReactNode {
  const t = useText()
  const ownId = useOwnId()
  const [leaving, setLeaving] = useState(false)
  const { record } = group
  const ownsIt = group.members.some((m) => m.user_id === ownId && m.role_level === roles.owner)
  return (
    <>
      <div className="flex flex-col items-center text-center">
        <Avatar id={place.groupId} name={place.title} size={76} group />
        <p className="mt-3 text-title font-semibold [overflow-wrap:anywhere]" dir="auto">
          {place.title}
        </p>
        {record?.introduction ? <p className="mt-1 text-small text-soft">{record.introduction}</p> : null}
        {record === undefined ? null : (
          <p className="mt-1 text-small text-faint">
            {t('group.founded', { date: fullDate(record.created_at, t) })}
          </p>
        )}
      </div>
      <dl className="mt-5 rounded-2xl bg-ink/4 px-4 py-3">
        <dt className="text-micro text-faint">{t('group.id')}</dt>
        <dd>
          <CopyableId id={place.groupId} />
        </dd>
      </dl>
      <MemberList group={group} />
      {group.left || group.members.length === 0 ? null : ownsIt ? (
        <p className="mt-5 text-small text-faint">{t('group.owner.stays')}</p>
      ) : (
        <Button look="quiet" className="mt-5 w-full text-danger" onClick={() => setLeaving(true)}>
          {t('group.leave')}
        </Button>
      )}
      {leaving ? <LeaveDialog place={place} onClose={() => setLeaving(false)} onLeft={onLeft} /> : null}
    </>
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
