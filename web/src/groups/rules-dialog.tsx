import { useGroup } from '@nexo-im/client/react'
import type { Group, Input } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { type TextKey, useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Select } from '../ui/select.tsx'
import { Switch } from '../ui/switch.tsx'
import { useToast } from '../ui/toast.tsx'

type Rules = Pick<Input<'group.update'>, 'join_mode' | 'invited_by' | 'is_private' | 'history_visible'>

const joinModes = ['0', '1', '2'] as const
const inviters = ['0', '1'] as const
/** "Until somebody lifts it": ten years, the longest the contract knows. */
const forGood = 315_360_000

/** How one gets in, who sees the group, who may write; each setting is saved as it is chosen. */
export function RulesDialog({ record, onClose }: { record: Group; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const group = useGroup(client, record.id) ?? record
  const save = (work: () => Promise<unknown>, done: TextKey): void => {
    void run(work).then((saved) => saved && toast('done', t(done)))
  }
  const update = (rules: Rules): void =>
    save(() => client.call('group.update', { group_id: group.id, ...rules }), 'group.settings.saved')
  const joinMode = joinModes[group.join_mode ?? 0] ?? '0'
  const muted = (group.muted_until ?? 0) > Date.now()
  return (
    <Dialog title={t('group.settings')} onClose={onClose}>
      <div className="flex flex-col gap-3" aria-busy={busy}>
        <Select
          label={t('group.joinMode')}
          text={t(`group.joinMode.${joinMode}.text`)}
          value={joinMode}
          options={joinModes.map((mode) => [mode, t(`group.joinMode.${mode}`)])}
          onChange={(mode) => update({ join_mode: Number(mode) })}
        />
        <Select
          label={t('group.invitedBy')}
          value={inviters[group.invited_by ?? 0] ?? '0'}
          options={inviters.map((who) => [who, t(`group.invitedBy.${who}`)])}
          onChange={(who) => update({ invited_by: Number(who) })}
        />
        <Switch
          label={t('group.private')}
          text={t('group.private.text')}
          checked={group.is_private ?? false}
          onChange={(is_private) => update({ is_private })}
        />
        <Switch
          label={t('group.history')}
          text={t('group.history.text')}
          checked={group.history_visible ?? false}
          onChange={(history_visible) => update({ history_visible })}
        />
        <Switch
          label={t('group.muteAll')}
          text={t('group.muteAll.text')}
          checked={muted}
          onChange={(on) =>
            save(
              () => client.call('group.mute_all', { group_id: group.id, seconds: on ? forGood : 0 }),
              on ? 'group.muteAll.on' : 'group.muteAll.off',
            )
          }
        />
      </div>
    </Dialog>
  )
}
