import type { Relation } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { Avatar } from './avatar.tsx'
import { usePersonActions } from './person-actions.ts'
import { shownName, useBlocked } from './relations.ts'

/** Whoever is blocked, each to be let go again. */
export function BlockedList(): ReactNode {
  const t = useText()
  const blocked = useBlocked()
  const slow = useSlow(blocked === undefined)
  if (blocked === undefined) return slow ? <Spinner label={t('app.loading')} /> : null
  if (blocked.length === 0) return <p className="text-small text-soft">{t('settings.blocked.none')}</p>
  return (
    <ul>
      {blocked.map((one) => (
        <BlockedRow key={one.user_id} relation={one} />
      ))}
    </ul>
  )
}

function BlockedRow({ relation }: { relation: Relation }): ReactNode {
  const t = useText()
  const actions = usePersonActions(relation.user_id)
  const name = shownName(relation)
  return (
    <li className="flex items-center gap-3 py-2">
      <Avatar id={relation.user_id} name={name} size={40} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-left font-medium" dir="auto">
          {name}
        </p>
        <p className="truncate text-small text-faint">{relation.user_id}</p>
      </div>
      <Button
        look="quiet"
        busy={actions.busy}
        aria-label={t('person.unblock.name', { name })}
        onClick={() => void actions.unblock()}
      >
        {t('person.unblock')}
      </Button>
    </li>
  )
}
