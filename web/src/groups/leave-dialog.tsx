import { roles } from '@nexo-im/protocol'
import { type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import type { Place } from '../people/names.ts'
import { openConversation } from '../route.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Select } from '../ui/select.tsx'
import { useToast } from '../ui/toast.tsx'
import type { GroupState } from './group.ts'

interface Props {
  place: Place
  group: GroupState
  onClose: () => void
  onLeft: () => void
}

/** An owner hands the group over first; a dissolved one can be left by anybody. */
export function LeaveDialog({ place, group, onClose, onLeft }: Props): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const toast = useToast()
  const { busy, run } = useAction()
  const [heir, setHeir] = useState('')
  const owns = group.role === roles.owner && !group.dissolved
  const others = group.members.filter((member) => member.user_id !== ownId)
  const leave = async (): Promise<void> => {
    const left = await run(async () => {
      if (owns) await client.call('group.transfer', { group_id: place.groupId, user_id: heir })
      await client.call('group.quit', { group_id: place.groupId })
    })
    if (!left) return
    toast('done', t('group.left', { name: place.title }))
    onClose()
    onLeft()
    openConversation(undefined)
  }
  const alone = owns && others.length === 0
  return (
    <Dialog
      title={t('group.leave.title', { name: place.title })}
      text={t(alone ? 'group.leave.alone' : owns ? 'group.leave.owner' : 'group.leave.text')}
      onClose={onClose}
    >
      {owns && !alone ? (
        <Select
          label={t('group.leave.heir')}
          value={heir}
          options={[
            ['', t('group.leave.heir.missing')],
            ...others.map((one) => {
              const name = one.group_nickname || group.names.get(one.user_id) || one.user_id
              return [one.user_id, name] as const
            }),
          ]}
          className="mb-5"
          onChange={setHeir}
        />
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        {alone ? null : (
          <Button look="danger" busy={busy} disabled={owns && heir === ''} onClick={() => void leave()}>
            {t(owns ? 'group.leave.handOver' : 'group.leave.confirm')}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
