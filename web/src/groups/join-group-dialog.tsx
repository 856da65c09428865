import { groupConversationId } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { explain, isKind } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { openConversation } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { useToast } from '../ui/toast.tsx'

export function JoinGroupDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const [id, setId] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)

  const join = async (): Promise<void> => {
    const groupId = id.trim()
    if (groupId === '') return setProblem(t('group.join.missing'))
    setBusy(true)
    try {
      await client.call('group.join', { group_id: groupId })
      const group = await client.call('group.info', { group_id: groupId })
      toast('done', t('group.joined', { name: group.name }))
      onClose()
      openConversation(groupConversationId(groupId))
    } catch (failure) {
      setBusy(false)
      if (!isKind(failure, 'already_member')) return setProblem(explain(failure, t))
      // Whoever is in it already wanted to get there.
      onClose()
      openConversation(groupConversationId(groupId))
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void join()
  }
  return (
    <Dialog title={t('group.join')} text={t('group.join.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field
          label={t('group.join.id')}
          value={id}
          inputMode="numeric"
          autoComplete="off"
          problem={problem}
          onChange={(event) => {
            setId(event.target.value)
            setProblem(undefined)
          }}
        />
        <div className="mt-3 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('group.join.open')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
