import { type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import type { Place } from '../people/names.ts'
import { openConversation } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useToast } from '../ui/toast.tsx'

interface Props {
  place: Place
  onClose: () => void
  onLeft: () => void
}

export function LeaveDialog({ place, onClose, onLeft }: Props): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const [busy, setBusy] = useState(false)
  const leave = async (): Promise<void> => {
    setBusy(true)
    try {
      await client.call('group.quit', { group_id: place.groupId })
      toast('done', t('group.left', { name: place.title }))
      onClose()
      onLeft()
      openConversation(undefined)
    } catch (failure) {
      toast('problem', explain(failure, t))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={t('group.leave.title', { name: place.title })}
      text={t('group.leave.text')}
      onClose={onClose}
    >
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button look="danger" busy={busy} onClick={() => void leave()}>
          {t('group.leave.confirm')}
        </Button>
      </div>
    </Dialog>
  )
}
