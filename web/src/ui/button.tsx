import type { ComponentProps, ReactNode } from 'react'
import { Spinner, useSlow } from './spinner.tsx'

type Look = 'primary' | 'quiet' | 'danger'

const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  quiet: 'text-ink bg-ink/6 hover:bg-ink/10',
  danger: 'bg-danger text-canvas hover:opacity-90',
}

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look
  /** Refuses further clicks at once, shows a wheel after a moment. */
  busy?: boolean
}

export function Button({
  look = 'primary',
  busy = false,
  children,
  className = '',
  ...rest
}: ButtonProps): ReactNode {
  const slow = useSlow(busy)
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy}
      className={`inline-flex h-10 items-center justify-center gap-2 rounded-xl px-4 font-medium transition-colors
        disabled:opacity-60 [&_.spin]:text-current ${looks[look]} ${className}`}
    >
      {slow ? <Spinner size={16} /> : null}
      {children}
    </button>
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  label: string
}

export function IconButton({ label, className = '', ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-9 shrink-0 items-center justify-center rounded-xl text-soft transition-colors
        hover:bg-ink/7 hover:text-ink ${className}`}
    />
  )
}
