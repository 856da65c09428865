import { type Context, createContext, useContext } from 'react'
import type { Language } from './i18n/index.ts'
import type { Theme } from './theme.ts'

/** What the settings menu shows and changes. */
export interface Preferences {
  readonly theme: Theme
  readonly setTheme: (theme: Theme) => void
  readonly language: Language
  readonly setLanguage: (language: Language) => void
  readonly signOut: () => void
  /** Leaves a session that the server has ended already. */
  readonly startOver: () => void
}

export const PreferencesContext: Context<Preferences | undefined> = createContext<Preferences | undefined>(
  undefined,
)

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext)
  if (preferences === undefined) throw new Error('used outside the app')
  return preferences
}
