import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import type { Place } from '../people/names.ts'
import { Confirm } from '../ui/confirm.tsx'
import { useToast } from '../ui/toast.tsx'

export function DissolveDialog({ place, onClose }: { place: Place; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  return (
    <Confirm
      title={t('group.dissolve.title', { name: place.title })}
      text={t('group.dissolve.text')}
      action={t('group.dissolve.confirm')}
      onConfirm={async () => {
        await client.call('group.dissolve', { group_id: place.groupId })
        toast('done', t('group.dissolve.done', { name: place.title }))
      }}
      onClose={onClose}
    />
  )
}
