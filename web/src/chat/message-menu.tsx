import {
  CheckCheck,
  CircleCheckBig,
  Copy,
  Eye,
  Forward,
  History as HistoryIcon,
  Pencil,
  Pin,
  PinOff,
  Reply,
  SmilePlus,
  Trash2,
  Undo2,
} from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { quickReactions } from '../composer/emoji-list.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { copyText } from '../ui/copy.tsx'
import { MenuItem, MenuRule } from '../ui/menu.tsx'
import { useToast } from '../ui/toast.tsx'
import { type Desk, useDesk } from './desk.ts'
import { useReact } from './reactions.tsx'
import { type Deeds, deedsOf } from './rights.ts'
import type { Spot } from './spot.ts'

interface Props {
  spot: Spot
  onClose: () => void
  /** Wants another emoji than the quick ones. */
  onPicker: (spot: Spot) => void
}

/**
 * What can be done with one message, where one asked for it. One menu serves the whole list: a menu for every line would
 * cost each of them something while scrolling.
 */
export function MessageMenu({ spot, onClose, onPicker }: Props): ReactNode {
  const t = useText()
  const desk = useDesk()
  const deeds = useDeeds(spot, desk)
  // Whatever is chosen may move the focus on; else it goes back to where it was.
  const acted = useRef(false)
  const act = (deed: () => void): void => {
    acted.current = true
    spot.from?.focus({ preventScroll: true })
    deed()
  }
  const content = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!spot.byKey) return
    // After the menu has taken the focus itself.
    const timer = setTimeout(() => content.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus())
    return () => clearTimeout(timer)
  }, [spot])
  return (
    <Radix.Root open modal={false} onOpenChange={(open) => open || onClose()}>
      <Radix.Trigger asChild>
        <button
          type="button"
          tabIndex={-1}
          aria-label={t('message.menu.short')}
          className="pointer-events-none fixed size-0"
          style={{ left: spot.x, top: spot.y }}
        />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          ref={content}
          align="start"
          sideOffset={4}
          alignOffset={4}
          collisionPadding={10}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (!acted.current) spot.from?.focus({ preventScroll: true })
          }}
          className="menu scroll-hint z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-60 overflow-y-auto rounded-2xl
            border border-line bg-raised p-1.5 shadow-high"
        >
          {deeds.react ? <QuickRow spot={spot} act={act} onMore={() => act(() => onPicker(spot))} /> : null}
          <Choices spot={spot} desk={desk} deeds={deeds} act={act} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function useDeeds({ message }: Spot, desk: Desk): Deeds {
  const ownId = useOwnId()
  const { rights, place, group } = desk
  return deedsOf(message, {
    ownId,
    rights,
    inGroup: place.type === 'group',
    authorRole: group.members.find((member) => member.user_id === message.senderId)?.role_level,
    now: Date.now(),
  })
}

type Act = (deed: () => void) => void

const quickLook =
  'grid size-9 place-items-center rounded-full text-[1.3rem]/none outline-none transition-transform data-highlighted:bg-ink/8 data-highlighted:scale-115'

function QuickRow({ spot, act, onMore }: { spot: Spot; act: Act; onMore: () => void }): ReactNode {
  const t = useText()
  const react = useReact()
  return (
    <div
      role="group"
      aria-label={t('message.react')}
      className="mb-1 flex gap-0.5 border-b border-line pb-1.5"
      onKeyDown={sideways}
    >
      {quickReactions.map((emoji) => (
        <Radix.Item
          key={emoji}
          aria-label={emoji}
          className={`${quickLook} ${spot.message.myReactions?.includes(emoji) ? 'bg-tint' : ''}`}
          onSelect={() => act(() => react(spot.message, emoji))}
        >
          {emoji}
        </Radix.Item>
      ))}
      <Radix.Item
        aria-label={t('reaction.add')}
        title={t('reaction.add')}
        className={`${quickLook} text-soft`}
        onSelect={onMore}
      >
        <SmilePlus size={19} aria-hidden="true" />
      </Radix.Item>
    </div>
  )
}

/** The menu itself walks up and down only. */
function sideways(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')]
  items[items.indexOf(document.activeElement as HTMLElement) + step]?.focus()
  event.preventDefault()
}

interface ChoicesProps {
  spot: Spot
  desk: Desk
  deeds: Deeds
  act: Act
}

function Choices({ spot: { message }, desk, deeds, act }: ChoicesProps): ReactNode {
  const t = useText()
  const toast = useToast()
  const pin = usePin()
  const copy = async (words: string): Promise<void> => {
    const copied = await copyText(words)
    toast(copied ? 'done' : 'problem', copied ? t('action.copied') : t('copy.failed'))
  }
  const { show, compose, select } = desk
  const { copy: words } = deeds
  const item = (
    wanted: boolean,
    icon: ReactNode,
    label: string,
    deed: () => void,
    danger = false,
  ): ReactNode =>
    wanted ? (
      <MenuItem icon={icon} danger={danger} onSelect={() => act(deed)}>
        {label}
      </MenuItem>
    ) : null
  const pinned = message.pinned !== undefined
  return (
    <>
      {item(deeds.reply, <Reply size={16} />, t('message.reply'), () => compose({ kind: 'reply', message }))}
      {item(deeds.edit, <Pencil size={16} />, t('message.edit'), () => compose({ kind: 'edit', message }))}
      {item(words !== undefined, <Copy size={16} />, t('message.copy'), () => void copy(words ?? ''))}
      {item(deeds.forward, <Forward size={16} />, t('message.forward'), () =>
        show({ kind: 'forward', messages: [message] }),
      )}
      {item(true, <CircleCheckBig size={16} />, t('message.select'), () => select(new Set([message.seq])))}
      {item(
        deeds.pin,
        pinned ? <PinOff size={16} /> : <Pin size={16} />,
        t(pinned ? 'message.unpin' : 'message.pin'),
        () => pin(message.conversationId, message.seq, !pinned),
      )}
      {item(deeds.readers, <CheckCheck size={16} />, t('message.readers'), () =>
        show({ kind: 'readers', message }),
      )}
      {item(deeds.reactors, <Eye size={16} />, t('message.reactors'), () =>
        show({ kind: 'reactors', message }),
      )}
      {item(deeds.history, <HistoryIcon size={16} />, t('message.history'), () =>
        show({ kind: 'history', message }),
      )}
      <MenuRule />
      {item(deeds.recall, <Undo2 size={16} />, t('message.recall'), () => show({ kind: 'recall', message }))}
      {item(
        deeds.deleteForAll,
        <Trash2 size={16} />,
        t('message.delete.all'),
        () => show({ kind: 'delete', message }),
        true,
      )}
      {item(
        true,
        <Trash2 size={16} />,
        t('message.delete.own'),
        () => show({ kind: 'hide', messages: [message] }),
        true,
      )}
    </>
  )
}

/** Pins or unpins, and says why it could not. */
export function usePin(): (conversationId: string, seq: number, on: boolean) => void {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  return (conversationId, seq, on) => {
    const done = on ? client.pin(conversationId, seq) : client.unpin(conversationId, seq)
    done.catch((failure: unknown) => toast('problem', explain(failure, t)))
  }
}
