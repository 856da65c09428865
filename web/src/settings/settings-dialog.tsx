import {
  ArrowLeft,
  Ban,
  CircleUserRound,
  Eye,
  HardDriveDownload,
  KeyRound,
  LogOut,
  type LucideIcon,
  MonitorSmartphone,
  Palette,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { type TextKey, useText } from '../i18n/index.ts'
import { BlockedList } from '../people/blocked-list.tsx'
import { usePreferences } from '../preferences.ts'
import { IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { DataSection } from './data-section.tsx'
import { DevicesSection } from './devices-section.tsx'
import { LookSection } from './look-section.tsx'
import { PasswordSection } from './password-section.tsx'
import { PrivacySection } from './privacy-section.tsx'
import { ProfileSection } from './profile-section.tsx'

interface Section {
  readonly title: TextKey
  readonly text?: TextKey
  readonly Icon: LucideIcon
  readonly Body: () => ReactNode
}

const sections = {
  profile: { title: 'settings.profile', Icon: CircleUserRound, Body: ProfileSection },
  privacy: { title: 'settings.privacy', text: 'settings.privacy.text', Icon: Eye, Body: PrivacySection },
  devices: {
    title: 'settings.devices',
    text: 'settings.devices.text',
    Icon: MonitorSmartphone,
    Body: DevicesSection,
  },
  password: {
    title: 'settings.password',
    text: 'settings.password.text',
    Icon: KeyRound,
    Body: PasswordSection,
  },
  blocked: { title: 'settings.blocked', text: 'settings.blocked.text', Icon: Ban, Body: BlockedList },
  look: { title: 'settings.look', Icon: Palette, Body: LookSection },
  data: { title: 'settings.data', Icon: HardDriveDownload, Body: DataSection },
} as const satisfies Record<string, Section>

type SectionName = keyof typeof sections
const names = Object.keys(sections) as SectionName[]

/** The list beside its section where there is room, before it where there is none. */
export function SettingsDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const [chosen, setChosen] = useState<SectionName | undefined>(undefined)
  const shown = chosen ?? 'profile'
  const { title, text, Body }: Section = sections[shown]
  return (
    <Dialog title={t('settings.title')} onClose={onClose} wide>
      <div className="flex gap-6 sm:h-[min(34rem,70dvh)]">
        <SectionList shown={shown} chosen={chosen !== undefined} onChoose={setChosen} />
        <section
          aria-labelledby="settings-section"
          className={`min-w-0 flex-1 overflow-y-auto px-1 pb-1 ${chosen === undefined ? 'max-sm:hidden' : ''}`}
        >
          <div className="mb-4 flex items-start gap-2">
            <IconButton
              label={t('settings.back')}
              onClick={() => setChosen(undefined)}
              className="-mt-1.5 -ml-2 sm:hidden"
            >
              <ArrowLeft size={19} />
            </IconButton>
            <div>
              <h3 id="settings-section" className="font-semibold">
                {t(title)}
              </h3>
              {text === undefined ? null : <p className="mt-0.5 text-small text-soft">{t(text)}</p>}
            </div>
          </div>
          <Body />
        </section>
      </div>
    </Dialog>
  )
}

interface ListProps {
  shown: SectionName
  /** On a phone the list goes away once something is chosen. */
  chosen: boolean
  onChoose: (name: SectionName) => void
}

function SectionList({ shown, chosen, onChoose }: ListProps): ReactNode {
  const t = useText()
  const { signOut } = usePreferences()
  const row =
    'flex h-11 w-full items-center gap-3 rounded-xl px-3 text-start -outline-offset-2 transition-colors sm:h-10'
  return (
    <nav
      aria-label={t('settings.sections')}
      className={`flex w-full shrink-0 flex-col gap-0.5 sm:w-48 ${chosen ? 'max-sm:hidden' : ''}`}
    >
      {names.map((name) => {
        const { title, Icon } = sections[name]
        return (
          <button
            key={name}
            type="button"
            aria-current={name === shown ? 'true' : undefined}
            onClick={() => onChoose(name)}
            className={`${row} hover:bg-ink/5 ${name === shown ? 'font-medium sm:bg-tint sm:text-accent-strong' : ''}`}
          >
            <Icon size={18} aria-hidden="true" className="shrink-0" />
            <span className="truncate">{t(title)}</span>
          </button>
        )
      })}
      <button type="button" onClick={signOut} className={`${row} mt-auto text-danger hover:bg-danger-tint`}>
        <LogOut size={18} aria-hidden="true" className="shrink-0" />
        {t('sign.out')}
      </button>
    </nav>
  )
}
