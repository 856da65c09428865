import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { IconButton } from './button.tsx'

interface DialogProps {
  title: string
  /** One sentence under the title. */
  text?: string
  onClose: () => void
  /** Room for lists beside each other; the whole screen on a phone. */
  wide?: boolean
  children: ReactNode
}

/**
 * A modal window. Radix's own overlay would lock scrolling through an injected style element, which the server's
 * policy forbids; the page does not scroll anyway, so a plain veil does.
 */
export function Dialog({ title, text, onClose, wide = false, children }: DialogProps): ReactNode {
  const t = useText()
  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        {/* On the same level as the windows: a later one dims the window it lies over. */}
        <div className="veil fixed inset-0 z-50 bg-veil" data-state="open" aria-hidden="true" />
        <div className="fixed inset-0 z-50 grid grid-cols-[minmax(0,1fr)] place-items-center overflow-y-auto p-4 max-sm:items-end max-sm:p-0">
          <Radix.Content
            {...(text === undefined ? { 'aria-describedby': undefined } : {})}
            className={`sheet w-full rounded-3xl bg-raised p-6 shadow-high outline-none max-sm:max-w-none
              max-sm:rounded-b-none max-sm:pb-[max(1.5rem,env(safe-area-inset-bottom))]
              ${wide ? 'max-w-3xl max-sm:min-h-dvh max-sm:rounded-none max-sm:p-4' : 'max-w-md'}`}
          >
            <div className="mb-4 flex items-start gap-3">
              <div className="min-w-0 flex-1">
                <Radix.Title className="text-title font-semibold [overflow-wrap:anywhere]">
                  {title}
                </Radix.Title>
                {text === undefined ? null : (
                  <Radix.Description className="mt-1 text-small text-soft">{text}</Radix.Description>
                )}
              </div>
              <Radix.Close asChild>
                <IconButton label={t('action.close')} className="-mt-1.5 -mr-2">
                  <X size={18} />
                </IconButton>
              </Radix.Close>
            </div>
            {children}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  )
}
