import { type ComponentProps, type ReactNode, useId } from 'react'

interface FieldProps extends Omit<ComponentProps<'input'>, 'id'> {
  label: string
  hint?: string
  /** What is wrong, in words; read out and tied to the input. */
  problem?: string | undefined
  /** Something inside the frame, after the input. */
  after?: ReactNode
}

export const frame =
  'flex items-center rounded-xl border border-ink/15 bg-raised transition-colors focus-within:border-accent focus-within:ring-3 focus-within:ring-accent/18'

export function Field({ label, hint, problem, after, className = '', ...rest }: FieldProps): ReactNode {
  const id = useId()
  const note = problem ?? hint
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-small font-medium">
        {label}
      </label>
      <div className={`${frame} h-11 ${problem === undefined ? '' : 'border-danger'}`}>
        <input
          id={id}
          {...rest}
          aria-invalid={problem !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className="h-full min-w-0 flex-1 rounded-xl bg-transparent px-3.5 outline-none placeholder:text-faint"
        />
        {after}
      </div>
      {note === undefined ? null : (
        <p
          id={`${id}-note`}
          role={problem === undefined ? undefined : 'alert'}
          className={`mt-1.5 text-small ${problem === undefined ? 'text-faint' : 'text-danger'}`}
        >
          {note}
        </p>
      )}
    </div>
  )
}
