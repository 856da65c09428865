import { type FormEvent, type ReactNode, useState } from 'react'
import type { Door } from '../account.ts'
import { explain, isKind } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { type Entries, type Problems, problemsOf } from './checks.ts'
import { PasswordField } from './password-field.tsx'
import { Stage } from './stage.tsx'

const empty: Entries = { userId: '', nickname: '', password: '' }

export function SignIn({ door }: { door: Pick<Door, 'signIn' | 'register'> }): ReactNode {
  const t = useText()
  const [mode, setMode] = useState<'in' | 'up'>('in')
  const form = useForm(door, mode)
  const other = mode === 'in' ? 'up' : 'in'
  const field = (
    name: keyof Entries,
  ): { value: string; onChange: (event: { target: { value: string } }) => void } => ({
    value: form.entries[name],
    onChange: (event) => form.enter(name, event.target.value),
  })
  const problem = (name: keyof Entries): string | undefined => {
    const key = form.problems[name]
    return key === undefined ? undefined : t(key)
  }
  return (
    <Stage>
      <h1 className="text-display font-semibold tracking-tight">{t(`sign.${mode}.title`)}</h1>
      <p className="mt-1.5 mb-6 text-soft">{t('app.tagline')}</p>
      <form onSubmit={form.submit} noValidate className="flex flex-col gap-4">
        <Field
          label={t('sign.userId')}
          {...(mode === 'up' ? { hint: t('sign.userId.hint') } : {})}
          problem={problem('userId')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...field('userId')}
        />
        {mode === 'up' ? (
          <Field
            label={t('sign.nickname')}
            hint={t('sign.nickname.hint')}
            problem={problem('nickname')}
            autoComplete="nickname"
            dir="auto"
            {...field('nickname')}
          />
        ) : null}
        <PasswordField
          {...(mode === 'up' ? { hint: t('sign.password.hint') } : {})}
          problem={problem('password')}
          autoComplete={mode === 'up' ? 'new-password' : 'current-password'}
          {...field('password')}
        />
        <p role="alert" className="text-small text-danger empty:hidden">
          {form.failure}
        </p>
        <Button type="submit" busy={form.busy} className="mt-2 h-11 w-full">
          {t(`sign.${mode}`)}
        </Button>
      </form>
      <p className="mt-6 text-center text-small text-soft">
        {t(`sign.${mode}.switch`)}{' '}
        <button
          type="button"
          className="font-semibold text-accent-strong hover:underline"
          onClick={() => {
            setMode(other)
            form.forgive()
          }}
        >
          {t(`sign.${other}`)}
        </button>
      </p>
    </Stage>
  )
}

interface Form {
  readonly entries: Entries
  readonly problems: Problems
  readonly failure: string | undefined
  readonly busy: boolean
  readonly enter: (name: keyof Entries, value: string) => void
  readonly forgive: () => void
  readonly submit: (event: FormEvent) => void
}

function useForm(door: Pick<Door, 'signIn' | 'register'>, mode: 'in' | 'up'): Form {
  const t = useText()
  const [entries, setEntries] = useState(empty)
  const [problems, setProblems] = useState<Problems>({})
  const [failure, setFailure] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const forgive = (): void => {
    setProblems({})
    setFailure(undefined)
  }
  const send = async (): Promise<void> => {
    const found = problemsOf(entries, mode)
    setProblems(found)
    setFailure(undefined)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    const tidy = { ...entries, userId: entries.userId.trim(), nickname: entries.nickname.trim() }
    try {
      await (mode === 'up' ? door.register(tidy) : door.signIn(tidy))
    } catch (refusal) {
      if (isKind(refusal, 'user_exists')) setProblems({ userId: 'error.user_exists' })
      else if (isKind(refusal, 'password_wrong')) setProblems({ password: 'error.password_wrong' })
      else if (isKind(refusal, 'user_not_found')) setProblems({ userId: 'error.user_not_found' })
      else setFailure(explain(refusal, t))
      setBusy(false)
    }
  }
  return {
    entries,
    problems,
    failure,
    busy,
    forgive,
    enter: (name, value) => {
      setEntries((now) => ({ ...now, [name]: value }))
      forgive()
    },
    submit: (event) => {
      event.preventDefault()
      void send()
    },
  }
}
