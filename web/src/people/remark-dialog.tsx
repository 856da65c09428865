import { useUser } from '@nexo-im/client/react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { useRelation } from './relations.ts'

/** Gives somebody a name that only the own user sees. */
export function RemarkDialog({ userId, onClose }: { userId: string; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const { busy, run } = useAction()
  const [remark, setRemark] = useState(useRelation(userId)?.remark ?? '')
  const nickname = useUser(client, userId)?.nickname || userId
  const long = [...remark.trim()].length > 128
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (long) return
    const save = (): Promise<unknown> =>
      client.call('friend.remark', { user_id: userId, remark: remark.trim() })
    void run(save).then((saved) => saved && onClose())
  }
  return (
    <Dialog
      title={t('person.remark.title', { name: nickname })}
      text={t('person.remark.text')}
      onClose={onClose}
    >
      <form onSubmit={submit} noValidate>
        <Field
          label={t('person.remark')}
          value={remark}
          dir="auto"
          autoComplete="off"
          placeholder={nickname}
          problem={long ? t('person.remark.long') : undefined}
          onChange={(event) => setRemark(event.target.value)}
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
