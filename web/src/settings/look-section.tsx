import type { ReactNode } from 'react'
import { type Language, languages, useText } from '../i18n/index.ts'
import { usePreferences } from '../preferences.ts'
import { themes } from '../theme.ts'
import { Select } from '../ui/select.tsx'

/** Of this device alone. */
export function LookSection(): ReactNode {
  const t = useText()
  const { theme, setTheme, language, setLanguage } = usePreferences()
  return (
    <div className="flex flex-col gap-4">
      <Select
        label={t('settings.theme')}
        value={theme}
        options={themes.map((one) => [one, t(`settings.theme.${one}`)])}
        onChange={setTheme}
      />
      <Select
        label={t('settings.language')}
        value={language}
        options={Object.entries(languages) as [Language, string][]}
        onChange={setLanguage}
      />
    </div>
  )
}
