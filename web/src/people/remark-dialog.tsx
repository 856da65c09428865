import { useUser } from '@nexo-im/client/react'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { NameDialog } from './name-dialog.tsx'
import { useRelation } from './relations.ts'

/** Gives somebody a name that only the own user sees. */
export function RemarkDialog({ userId, onClose }: { userId: string; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const nickname = useUser(client, userId)?.nickname || userId
  return (
    <NameDialog
      title={t('person.remark.title', { name: nickname })}
      text={t('person.remark.text')}
      label={t('person.remark')}
      name={useRelation(userId)?.remark ?? ''}
      placeholder={nickname}
      tooLong={t('person.remark.long')}
      save={(remark) => client.call('friend.remark', { user_id: userId, remark })}
      onClose={onClose}
    />
  )
}
