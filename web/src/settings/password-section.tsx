import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { explain, isKind } from '../failures.ts'
import { type TextKey, useText } from '../i18n/index.ts'
import { problemsOf } from '../sign-in/checks.ts'
import { PasswordField } from '../sign-in/password-field.tsx'
import { Button } from '../ui/button.tsx'
import { useToast } from '../ui/toast.tsx'

interface Problems {
  readonly old?: string
  readonly fresh?: string
}

export function PasswordSection(): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const toast = useToast()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [problems, setProblems] = useState<Problems>({})
  const [busy, setBusy] = useState(false)

  const change = async (): Promise<void> => {
    setBusy(true)
    try {
      await client.call('auth.change_password', { old_password: old, new_password: fresh })
      setOld('')
      setFresh('')
      toast('done', t('settings.password.changed'))
    } catch (failure) {
      if (isKind(failure, 'password_wrong') || isKind(failure, 'login_failed'))
        setProblems({ old: t('error.password_wrong') })
      else toast('problem', explain(failure, t))
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const found = check(old, fresh)
    setProblems({
      ...(found.old && { old: t(found.old) }),
      ...(found.fresh && { fresh: t(found.fresh) }),
    })
    if (found.old === undefined && found.fresh === undefined) void change()
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {/* So that the browser's store of passwords knows whose this is. */}
      <input type="text" hidden readOnly autoComplete="username" value={ownId} />
      <PasswordField
        label={t('settings.password.old')}
        value={old}
        autoComplete="current-password"
        problem={problems.old}
        onChange={(event) => {
          setOld(event.target.value)
          setProblems({})
        }}
      />
      <PasswordField
        label={t('settings.password.new')}
        value={fresh}
        autoComplete="new-password"
        hint={t('sign.password.hint')}
        problem={problems.fresh}
        onChange={(event) => {
          setFresh(event.target.value)
          setProblems({})
        }}
      />
      <Button type="submit" busy={busy} className="self-end">
        {t('settings.password.change')}
      </Button>
    </form>
  )
}

function check(old: string, fresh: string): { old?: TextKey; fresh?: TextKey } {
  const { password } = problemsOf({ userId: 'x', nickname: '', password: fresh }, 'up')
  const problem = password ?? (old === fresh ? 'settings.password.same' : undefined)
  return {
    ...(old === '' && { old: 'sign.password.missing' as const }),
    ...(problem !== undefined && { fresh: problem }),
  }
}
