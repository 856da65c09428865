import { Switch as Radix } from 'radix-ui'
import { type ReactNode, useId } from 'react'

interface SwitchProps {
  label: string
  text?: string
  checked: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}

/** On or off, with a sentence about what it means. */
export function Switch({ label, text, checked, disabled = false, onChange }: SwitchProps): ReactNode {
  const id = useId()
  return (
    <div className="flex items-center gap-4 py-2">
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        {text === undefined ? null : (
          <p id={`${id}-text`} className="text-small text-soft">
            {text}
          </p>
        )}
      </div>
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        {...(text === undefined ? {} : { 'aria-describedby': `${id}-text` })}
        className="relative h-6 w-10 shrink-0 rounded-full bg-ink/25 transition-colors disabled:opacity-60
          data-[state=checked]:bg-accent"
      >
        <Radix.Thumb
          className="block size-5 translate-x-0.5 rounded-full bg-raised shadow-low transition-transform
            data-[state=checked]:translate-x-[1.125rem]"
        />
      </Radix.Root>
    </div>
  )
}
