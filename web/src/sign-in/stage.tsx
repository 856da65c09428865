import { Languages, Moon, Sun, SunMoon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { usePreferences } from '../preferences.ts'
import { themes } from '../theme.ts'
import { Logo } from '../ui/logo.tsx'

const icons = { system: SunMoon, light: Sun, dark: Moon }

/** The frame of every screen outside a session, with the two choices one needs before signing in. */
export function Stage({ children }: { children: ReactNode }): ReactNode {
  const t = useText()
  const { theme, setTheme, language, setLanguage } = usePreferences()
  const Icon = icons[theme]
  const nextTheme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
  const choice =
    'inline-flex h-9 items-center gap-2 rounded-xl px-3 text-small text-soft hover:bg-ink/6 hover:text-ink'
  return (
    <div className="relative isolate flex h-full flex-col overflow-x-hidden overflow-y-auto bg-paper">
      <Sweep />
      <header className="flex items-center gap-3 p-4 sm:p-6">
        <Logo size={34} />
        <span className="flex-1 text-title font-semibold tracking-tight">Nexo</span>
        <button type="button" className={choice} onClick={() => setLanguage(language === 'en' ? 'zh' : 'en')}>
          <Languages size={16} aria-hidden="true" />
          <span lang={language === 'en' ? 'zh-CN' : 'en'}>{language === 'en' ? '中文' : 'English'}</span>
        </button>
        <button
          type="button"
          className={choice}
          aria-label={`${t('settings.theme')}: ${t(`settings.theme.${theme}`)}`}
          title={`${t('settings.theme')}: ${t(`settings.theme.${theme}`)}`}
          onClick={() => setTheme(nextTheme)}
        >
          <Icon size={16} aria-hidden="true" />
        </button>
      </header>
      <main className="m-auto w-full max-w-[26rem] p-4 pb-16">
        <div className="rounded-3xl bg-raised p-7 shadow-low ring-1 ring-line sm:p-9">{children}</div>
      </main>
    </div>
  )
}

/** The line of the mark, drawn large behind everything. */
function Sweep(): ReactNode {
  return (
    <svg
      viewBox="0 0 1200 800"
      preserveAspectRatio="xMidYMid slice"
      className="pointer-events-none fixed inset-0 -z-10 size-full"
      aria-hidden="true"
    >
      <path
        d="M150 900V330c0-92 108-132 168-62l470 560c60 72 172 28 172-66V342"
        fill="none"
        stroke="var(--accent)"
        strokeOpacity="0.08"
        strokeWidth="84"
        strokeLinecap="round"
      />
      <circle cx="960" cy="196" r="46" fill="var(--spark)" fillOpacity="0.6" />
    </svg>
  )
}
