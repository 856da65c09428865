import { type ComponentProps, type ReactNode, useId } from 'react'
import { frame } from './field.tsx'

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'id'> {
  label: string
  hint?: string
  /** What is wrong, in words; read out and tied to the input. */
  problem?: string | undefined
}

/** A field of several lines. */
export function TextArea({ label, hint, problem, className = '', ...rest }: TextAreaProps): ReactNode {
  const id = useId()
  const note = problem ?? hint
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-small font-medium">
        {label}
      </label>
      <div className={`${frame} ${problem === undefined ? '' : 'border-danger'}`}>
        <textarea
          id={id}
          rows={3}
          dir="auto"
          {...rest}
          aria-invalid={problem !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className="max-h-60 min-h-20 min-w-0 flex-1 resize-y rounded-xl bg-transparent px-3.5 py-2.5 outline-none
            placeholder:text-faint"
        />
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
