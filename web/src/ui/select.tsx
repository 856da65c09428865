import { ChevronDown } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { frame } from './field.tsx'

interface SelectProps<T extends string> {
  label: string
  text?: string
  value: T
  options: readonly (readonly [T, string])[]
  disabled?: boolean
  className?: string
  onChange: (value: T) => void
}

/** The system's own list of choices: it works everywhere, with every kind of input. */
export function Select<T extends string>(props: SelectProps<T>): ReactNode {
  const { label, text, value, options, disabled = false, className = '', onChange } = props
  const id = useId()
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-small font-medium">
        {label}
      </label>
      <div className={`${frame} relative h-11`}>
        <select
          id={id}
          value={value}
          disabled={disabled}
          {...(text === undefined ? {} : { 'aria-describedby': `${id}-text` })}
          onChange={(event) => onChange(event.target.value as T)}
          className="h-full w-full min-w-0 cursor-pointer appearance-none rounded-xl bg-transparent ps-3.5 pe-9 outline-none
            disabled:opacity-60"
        >
          {options.map(([option, words]) => (
            <option key={option} value={option} className="bg-raised text-ink">
              {words}
            </option>
          ))}
        </select>
        <ChevronDown size={16} aria-hidden="true" className="pointer-events-none absolute end-3 text-faint" />
      </div>
      {text === undefined ? null : (
        <p id={`${id}-text`} className="mt-1.5 text-small text-faint">
          {text}
        </p>
      )}
    </div>
  )
}
