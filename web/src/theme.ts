import { useLayoutEffect, useState } from 'react'

export type Theme = 'system' | 'light' | 'dark'
export const themes: readonly Theme[] = ['system', 'light', 'dark']
const storageKey = 'nexo.theme'

function initialTheme(): Theme {
  const kept = localStorage.getItem(storageKey)
  return themes.find((theme) => theme === kept) ?? 'system'
}

/** `system` leaves the choice to the style sheet's media query. */
function applyTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') {
    root.removeAttribute('data-theme')
    localStorage.removeItem(storageKey)
  } else {
    root.setAttribute('data-theme', theme)
    localStorage.setItem(storageKey, theme)
  }
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(initialTheme)
  useLayoutEffect(() => applyTheme(theme), [theme])
  return [theme, setTheme]
}
