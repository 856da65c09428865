import type { ConversationView } from '@nexo-im/client'
import { Ellipsis, EyeOff, Mail, MailOpen, Pin, PinOff, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { Menu, MenuChoice, MenuItem, MenuRule } from '../ui/menu.tsx'
import { type Notify, notifyOf, type RowActions } from './row-actions.ts'

interface Props {
  view: ConversationView
  title: string
  actions: RowActions
  open: boolean
  onOpenChange: (open: boolean) => void
  /** To be asked about first. */
  onClear: () => void
}

const notifies: readonly Notify[] = ['normal', 'silent', 'none']

/** Opened by its button, by a right click and by a long press on the row. */
export function RowMenu({ view, title, actions, open, onOpenChange, onClear }: Props): ReactNode {
  const t = useText()
  const unread = view.unread > 0 || view.markedUnread
  return (
    <Menu
      open={open}
      onOpenChange={onOpenChange}
      trigger={
        <button
          type="button"
          aria-label={t('list.menu', { title })}
          title={t('action.more')}
          className="absolute end-2 bottom-2 grid size-7 place-items-center rounded-lg bg-raised text-soft opacity-0 shadow-low
            group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 data-[state=open]:opacity-100
            pointer-coarse:pointer-events-none"
        >
          <Ellipsis size={16} aria-hidden="true" />
        </button>
      }
    >
      <MenuItem icon={view.pinned ? <PinOff size={16} /> : <Pin size={16} />} onSelect={actions.pin}>
        {t(view.pinned ? 'list.unpin' : 'list.pin')}
      </MenuItem>
      {unread ? (
        <MenuItem icon={<MailOpen size={16} />} onSelect={actions.markRead}>
          {t('list.markRead')}
        </MenuItem>
      ) : (
        <MenuItem icon={<Mail size={16} />} onSelect={actions.markUnread}>
          {t('list.markUnread')}
        </MenuItem>
      )}
      <MenuItem icon={<EyeOff size={16} />} onSelect={actions.hide}>
        {t('list.hide')}
      </MenuItem>
      <MenuChoice
        label={t('list.notify')}
        value={notifyOf(view.receiveOption)}
        options={notifies.map((one) => [one, t(`list.notify.${one}`)])}
        onChoose={(option) => {
          onOpenChange(false)
          actions.notify(option)
        }}
      />
      <MenuRule />
      <MenuItem icon={<Trash2 size={16} />} danger onSelect={onClear}>
        {t('list.clear')}
      </MenuItem>
    </Menu>
  )
}
