import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { Field } from '../ui/field.tsx'

interface Props extends Omit<ComponentProps<typeof Field>, 'label' | 'type' | 'after'> {
  /** "Password" unless there are two of them. */
  label?: string
}

export function PasswordField({ label: name, ...props }: Props): ReactNode {
  const t = useText()
  const [shown, setShown] = useState(false)
  const label = t(shown ? 'sign.password.hide' : 'sign.password.show')
  return (
    <Field
      {...props}
      label={name ?? t('sign.password')}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      after={
        <button
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="me-1.5 grid size-8 place-items-center rounded-lg text-faint hover:text-ink"
        >
          {shown ? <EyeOff size={18} /> : <Eye size={18} />}
        </button>
      }
    />
  )
}
