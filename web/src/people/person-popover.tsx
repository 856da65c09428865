import { Popover as Radix } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { Confirm } from '../ui/confirm.tsx'
import { useName } from './names.ts'
import { usePersonActions } from './person-actions.ts'
import { type Asked, Profile } from './profile.tsx'
import { RemarkDialog } from './remark-dialog.tsx'

interface PersonPopoverProps {
  userId: string
  /** What is pressed: an avatar, a name. Its button is named after the person. */
  children: ReactNode
  className?: string
}

/** Wraps an avatar or a name: pressing it shows who that is and what one can do about them. */
export function PersonPopover({ userId, children, className = '' }: PersonPopoverProps): ReactNode {
  const t = useText()
  const name = useName(userId)
  const [open, setOpen] = useState(false)
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const label = t('person.profile', { name })
  return (
    <>
      <Radix.Root open={open} onOpenChange={setOpen}>
        <Radix.Trigger className={`inline-flex min-w-0 text-start ${className}`}>
          <span className="sr-only">{label}</span>
          <span aria-hidden="true" className="inline-flex min-w-0">
            {children}
          </span>
        </Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            aria-label={label}
            sideOffset={6}
            collisionPadding={10}
            className="menu z-50 w-72 max-w-[calc(100vw-1.25rem)] rounded-2xl border border-line bg-raised p-4 shadow-high
              outline-none"
          >
            <Profile
              userId={userId}
              onDone={() => setOpen(false)}
              onAsk={(what) => {
                setOpen(false)
                setAsked(what)
              }}
            />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
      <PersonQuestion userId={userId} asked={asked} onClose={() => setAsked(undefined)} />
    </>
  )
}

interface QuestionProps {
  userId: string
  asked: Asked | undefined
  onClose: () => void
}

/** The windows that the actions of a profile open. */
function PersonQuestion({ userId, asked, onClose }: QuestionProps): ReactNode {
  const t = useText()
  const name = useName(userId)
  const actions = usePersonActions(userId)
  if (asked === undefined) return null
  if (asked === 'remark') return <RemarkDialog userId={userId} onClose={onClose} />
  if (asked === 'unfriend') {
    return (
      <Confirm
        title={t('friends.delete.title', { name })}
        text={t('friends.delete.text')}
        action={t('friends.delete')}
        onConfirm={actions.unfriend}
        onClose={onClose}
      />
    )
  }
  return (
    <Confirm
      title={t('person.block.title', { name })}
      text={t('person.block.text')}
      action={t('person.block')}
      onConfirm={async () => void (await actions.block())}
      onClose={onClose}
    />
  )
}
