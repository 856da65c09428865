import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { EmojiPicker } from './emoji-picker.tsx'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  onPick: (sign: string) => void
  /** The button that opens it, or a place on the screen. */
  anchor: { readonly trigger: ReactNode } | { readonly x: number; readonly y: number }
  /** Where the focus goes when it closes; the trigger's own place without it. */
  onClosed?: () => void
}

/** The picker beside the button that opens it, or at a place on the screen. */
export function EmojiPopover({ open, onOpenChange, onPick, anchor, onClosed }: Props): ReactNode {
  const t = useText()
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      {'trigger' in anchor ? (
        <Popover.Trigger asChild>{anchor.trigger}</Popover.Trigger>
      ) : (
        <Popover.Anchor asChild>
          <span className="pointer-events-none fixed size-0" style={{ left: anchor.x, top: anchor.y }} />
        </Popover.Anchor>
      )}
      <Popover.Portal>
        <Popover.Content
          aria-label={t('emoji.label')}
          sideOffset={8}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (onClosed === undefined) return
            event.preventDefault()
            onClosed()
          }}
          className="menu z-50 max-w-[calc(100vw-1rem)] rounded-2xl border border-line bg-raised p-2 shadow-high"
        >
          <EmojiPicker onPick={onPick} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
