import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

interface MenuProps {
  trigger: ReactNode
  children: ReactNode
  /** Both together, where something beside the trigger opens the menu too. */
  open?: boolean
  onOpenChange?: (open: boolean) => void
}

/** Not modal: the modal form locks scrolling through an injected style element, which the policy forbids. */
export function Menu({ trigger, children, open, onOpenChange }: MenuProps): ReactNode {
  return (
    <Radix.Root
      modal={false}
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={6}
          collisionPadding={10}
          className="menu z-50 min-w-56 rounded-2xl border border-line bg-raised p-1.5 shadow-high"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

const row =
  'flex h-9 items-center gap-2.5 rounded-xl px-2.5 outline-none data-highlighted:bg-ink/7 text-small select-none'

interface ItemProps {
  icon: ReactNode
  onSelect: () => void
  danger?: boolean
  children: ReactNode
}

export function MenuItem({ icon, onSelect, danger = false, children }: ItemProps): ReactNode {
  return (
    <Radix.Item onSelect={onSelect} className={`${row} ${danger ? 'text-danger' : ''}`}>
      <span className={danger ? '' : 'text-soft'}>{icon}</span>
      {children}
    </Radix.Item>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  value: T
  options: readonly (readonly [T, string])[]
  onChoose: (value: T) => void
}

export function MenuChoice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>): ReactNode {
  return (
    <>
      <Radix.Separator className="mx-2 my-1.5 h-px bg-line" />
      <Radix.Label className="px-2.5 pt-1 pb-1 text-micro font-medium text-faint">{label}</Radix.Label>
      <Radix.RadioGroup value={value} onValueChange={(next) => onChoose(next as T)}>
        {options.map(([option, words]) => (
          <Radix.RadioItem
            key={option}
            value={option}
            onSelect={(event) => event.preventDefault()}
            className={row}
          >
            <span className="flex size-4 items-center justify-center text-accent">
              <Radix.ItemIndicator>
                <Check size={15} />
              </Radix.ItemIndicator>
            </span>
            {words}
          </Radix.RadioItem>
        ))}
      </Radix.RadioGroup>
    </>
  )
}

export function MenuRule(): ReactNode {
  return <Radix.Separator className="mx-2 my-1.5 h-px bg-line" />
}
