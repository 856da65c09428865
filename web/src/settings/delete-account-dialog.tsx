import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { forgetDrafts } from '../composer/drafts.ts'
import { explain, isKind } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { usePreferences } from '../preferences.ts'
import { PasswordField } from '../sign-in/password-field.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { useToast } from '../ui/toast.tsx'

interface Problems {
  readonly typed?: string
  readonly password?: string
}

/** Cannot be undone: wants the own id typed and the password. */
export function DeleteAccountDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const toast = useToast()
  const { startOver } = usePreferences()
  const [typed, setTyped] = useState('')
  const [password, setPassword] = useState('')
  const [problems, setProblems] = useState<Problems>({})
  const [busy, setBusy] = useState(false)

  const remove = async (): Promise<void> => {
    setBusy(true)
    try {
      await client.call('account.delete', { password })
      forgetDrafts()
      toast('done', t('settings.delete.done'))
      startOver()
    } catch (failure) {
      setBusy(false)
      if (isKind(failure, 'password_wrong') || isKind(failure, 'login_failed'))
        setProblems({ password: t('error.password_wrong') })
      else toast('problem', explain(failure, t))
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const found: Problems = {
      ...(typed.trim() !== ownId && { typed: t('settings.delete.mismatch') }),
      ...(password === '' && { password: t('sign.password.missing') }),
    }
    setProblems(found)
    if (Object.keys(found).length === 0) void remove()
  }
  return (
    <Dialog title={t('settings.delete.title')} text={t('settings.delete.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field
          label={t('settings.delete.typed', { id: ownId })}
          value={typed}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          problem={problems.typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setProblems({})
          }}
        />
        <PasswordField
          value={password}
          autoComplete="current-password"
          problem={problems.password}
          onChange={(event) => {
            setPassword(event.target.value)
            setProblems({})
          }}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" look="danger" busy={busy}>
            {t('settings.delete.confirm')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
