import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { type Door, useDoor } from './account.ts'
import { applyLanguage, createText, initialLanguage, type Language, TextContext } from './i18n/index.ts'
import { type Preferences, PreferencesContext } from './preferences.ts'
import { Ended } from './sign-in/ended.tsx'
import { Resuming } from './sign-in/resuming.tsx'
import { SignIn } from './sign-in/sign-in.tsx'
import { useTheme } from './theme.ts'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { Toaster } from './ui/toast.tsx'
import { Workspace } from './workspace.tsx'

export function App(): ReactNode {
  const door = useDoor()
  const [theme, setTheme] = useTheme()
  const [language, setLanguage] = useLanguage()
  const text = useMemo(() => createText(language), [language])
  const { signOut, startOver } = door
  const preferences = useMemo<Preferences>(
    () => ({ theme, setTheme, language, setLanguage, signOut, startOver }),
    [theme, setTheme, language, setLanguage, signOut, startOver],
  )
  return (
    <TextContext value={text}>
      <ErrorBoundary>
        <PreferencesContext value={preferences}>
          <Toaster>
            <Screen door={door} />
          </Toaster>
        </PreferencesContext>
      </ErrorBoundary>
    </TextContext>
  )
}

function Screen({ door }: { door: Door }): ReactNode {
  const { account } = door
  switch (account.stage) {
    case 'resuming':
      return <Resuming unreachable={account.unreachable} onRetry={door.resumeNow} onOther={door.startOver} />
    case 'signed-out':
      return <SignIn door={door} />
    case 'ended':
      return <Ended reason={account.reason} onAgain={door.startOver} />
    case 'open':
      return <Workspace key={account.since} client={account.client} />
  }
}

function useLanguage(): readonly [Language, (language: Language) => void] {
  const [language, setLanguage] = useState(initialLanguage)
  const [chosen, setChosen] = useState(false)
  useEffect(() => applyLanguage(language, chosen), [language, chosen])
  const choose = useMemo(
    () => (next: Language) => {
      setLanguage(next)
      setChosen(true)
    },
    [],
  )
  return [language, choose]
}
