import { CircleCheckBig, Clock, EllipsisVertical, Pin } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuChoice, MenuItem } from '../ui/menu.tsx'
import { useToast } from '../ui/toast.tsx'
import { useDesk } from './desk.ts'
import { spanWords } from './spans.ts'

/** Seconds: off, 5 minutes, an hour, a day, a week. */
const spans = [0, 300, 3600, 86_400, 604_800]

/** What concerns the whole conversation. */
export function HeaderMenu(): ReactNode {
  const t = useText()
  const { place, rights, select, show } = useDesk()
  return (
    <Menu
      trigger={
        <IconButton label={t('chat.more')}>
          <EllipsisVertical size={20} />
        </IconButton>
      }
    >
      <MenuItem icon={<CircleCheckBig size={16} />} onSelect={() => select(new Set())}>
        {t('chat.select')}
      </MenuItem>
      <MenuItem icon={<Pin size={16} />} onSelect={() => show({ kind: 'pins' })}>
        {t('pins.label')}
      </MenuItem>
      <MenuItem icon={<Clock size={16} />} onSelect={() => show({ kind: 'later' })}>
        {t('schedule.title')}
      </MenuItem>
      {rights.governs ? <Expiry conversationId={place.id} present={place.view?.expireAfter ?? 0} /> : null}
    </Menu>
  )
}

function Expiry({ conversationId, present }: { conversationId: string; present: number }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const choose = (seconds: string): void => {
    client
      .call('conversation.set_expiry', { conversation_id: conversationId, seconds: Number(seconds) })
      .catch((failure: unknown) => toast('problem', explain(failure, t)))
  }
  // One that was set elsewhere is shown, too.
  const offered = spans.includes(present) ? spans : [...spans, present]
  return (
    <MenuChoice
      label={t('expiry.title')}
      value={String(present)}
      options={offered.map((seconds) => [
        String(seconds),
        seconds === 0 ? t('expiry.off') : spanWords(seconds, t),
      ])}
      onChoose={choose}
    />
  )
}
