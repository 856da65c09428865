import { useStatus, useUser } from '@nexo-im/client/react'
import { AtSign, Ellipsis, LogIn, LogOut, Settings } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { type Language, languages, useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { usePreferences } from '../preferences.ts'
import { themes } from '../theme.ts'
import { IconButton } from '../ui/button.tsx'
import { copyText } from '../ui/copy.tsx'
import { Menu, MenuChoice, MenuItem, MenuRule } from '../ui/menu.tsx'
import { useToast } from '../ui/toast.tsx'

const dots: Partial<Record<string, string>> = {
  online: 'bg-good',
  waiting: 'bg-spark',
  connecting: 'bg-spark',
}

interface MenuProps {
  onJoin: () => void
  onSettings: () => void
}

/** Who one is, how the connection stands, and the settings. */
export function OwnHead(props: MenuProps): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const { state } = useStatus(client)
  const name = useUser(client, ownId)?.nickname || ownId
  return (
    <div className="flex h-[4.5rem] shrink-0 items-center gap-3 ps-4 pe-3">
      <Avatar id={ownId} name={name} size={40} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-left font-semibold" dir="auto" data-testid="own-name">
          {name}
        </p>
        <p
          className="flex min-w-0 items-center gap-1.5 text-small text-soft"
          data-testid="connection"
          data-state={state}
        >
          <span className={`size-2 rounded-full ${dots[state] ?? 'bg-faint'}`} aria-hidden="true" />
          {t(`state.${state}`)}
        </p>
      </div>
      <SettingsMenu {...props} />
    </div>
  )
}

function SettingsMenu({ onJoin, onSettings }: MenuProps): ReactNode {
  const t = useText()
  const toast = useToast()
  const ownId = useOwnId()
  const { theme, setTheme, language, setLanguage, signOut } = usePreferences()
  const copyId = async (): Promise<void> => {
    const copied = await copyText(ownId)
    toast(copied ? 'done' : 'problem', copied ? t('settings.myId.copied') : `${t('copy.failed')} ${ownId}`)
  }
  return (
    <Menu
      trigger={
        <IconButton label={t('settings.menu')}>
          <Ellipsis size={20} />
        </IconButton>
      }
    >
      <MenuItem icon={<Settings size={16} />} onSelect={onSettings}>
        {t('settings.all')}
      </MenuItem>
      <MenuItem icon={<AtSign size={16} />} onSelect={() => void copyId()}>
        {t('settings.myId')}
      </MenuItem>
      <MenuItem icon={<LogIn size={16} />} onSelect={onJoin}>
        {t('group.join')}
      </MenuItem>
      <MenuChoice
        label={t('settings.theme')}
        value={theme}
        options={themes.map((one) => [one, t(`settings.theme.${one}`)])}
        onChoose={setTheme}
      />
      <MenuChoice
        label={t('settings.language')}
        value={language}
        options={Object.entries(languages) as [Language, string][]}
        onChoose={setLanguage}
      />
      <MenuRule />
      <MenuItem icon={<LogOut size={16} />} danger onSelect={signOut}>
        {t('sign.out')}
      </MenuItem>
    </Menu>
  )
}
