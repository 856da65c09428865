import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { explain, isKind } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { openConversation } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'

export function NewChatDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const [id, setId] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)

  const open = async (): Promise<void> => {
    const userId = id.trim()
    if (userId === '') return setProblem(t('sign.userId.missing'))
    setBusy(true)
    try {
      const user = await client.call('user.profile', { user_id: userId })
      onClose()
      openConversation(client.conversationWith(user.user_id))
    } catch (failure) {
      setBusy(false)
      setProblem(
        isKind(failure, 'user_not_found') ? t('new.chat.unknown', { id: userId }) : explain(failure, t),
      )
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void open()
  }
  return (
    <Dialog title={t('new.chat')} text={t('new.chat.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field
          label={t('sign.userId')}
          value={id}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
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
            {t('new.chat.open')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
