import { useMembership } from '@nexo-im/client/react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { useName } from '../people/names.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
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
  const { busy, run } = useAction()
  const ownName = useName(useOwnId())
  const [nickname, setNickname] = useState(useMembership(client, groupId)?.group_nickname ?? '')
  const long = [...nickname.trim()].length > 128
  const save = async (): Promise<void> => {
    const input = { group_id: groupId, nickname: nickname.trim() }
    if (!(await run(() => client.call('group.set_nickname', input)))) return
    toast('done', t('group.nickname.saved'))
    onClose()
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!long) void save()
  }
  return (
    <Dialog title={t('group.nickname')} text={t('group.nickname.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field
          label={t('sign.nickname')}
          value={nickname}
          dir="auto"
          autoComplete="off"
          placeholder={ownName}
          problem={long ? t('sign.nickname.long') : undefined}
          onChange={(event) => setNickname(event.target.value)}
        />
        <div className="mt-4 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
