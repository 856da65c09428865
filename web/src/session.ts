/** The one place that keeps the token of the session; nothing else reads or writes this key. */
const storageKey = 'nexo.session'

export function keptToken(): string | undefined {
  return localStorage.getItem(storageKey) ?? undefined
}

export function keepToken(token: string): void {
  localStorage.setItem(storageKey, token)
}

export function forgetToken(): void {
  localStorage.removeItem(storageKey)
}
