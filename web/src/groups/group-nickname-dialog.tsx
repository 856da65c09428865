import { useMembership } from '@nexo-im/client/react'
import type { ReactNode } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { NameDialog } from '../people/name-dialog.tsx'
import { useName } from '../people/names.ts'
import { useToast } from '../ui/toast.tsx'

/** What one is called in this group alone. */
export function GroupNicknameDialog({
  groupId,
  onClose,
}: {
  groupId: string
  onClose: () => void
}): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  return (
    <NameDialog
      title={t('group.nickname')}
      text={t('group.nickname.text')}
      label={t('sign.nickname')}
      name={useMembership(client, groupId)?.group_nickname ?? ''}
      placeholder={useName(useOwnId())}
      tooLong={t('sign.nickname.long')}
      save={(nickname) => client.call('group.set_nickname', { group_id: groupId, nickname })}
      onSaved={() => toast('done', t('group.nickname.saved'))}
      onClose={onClose}
    />
  )
}
