import { isUserId } from '@nexo-im/protocol'
import type { TextKey } from '../i18n/index.ts'

export interface Entries {
  readonly userId: string
  readonly nickname: string
  readonly password: string
}

export type Problems = Partial<Record<keyof Entries, TextKey>>

const characters = (text: string): number => [...text].length

/** What the server would refuse, found before it is asked. Signing in is not held to the rules of new accounts. */
export function problemsOf(entries: Entries, mode: 'in' | 'up'): Problems {
  const { userId, nickname, password } = entries
  const problems: Problems = {}
  if (userId.trim() === '') problems.userId = 'sign.userId.missing'
  else if (characters(userId.trim()) > 64) problems.userId = 'sign.userId.long'
  else if (!isUserId(userId.trim())) problems.userId = 'sign.userId.shape'
  if (password === '') problems.password = 'sign.password.missing'
  if (mode === 'in') return problems
  if (characters(nickname.trim()) > 128) problems.nickname = 'sign.nickname.long'
  const bytes = new TextEncoder().encode(password).length
  if (password !== '' && bytes < 8) problems.password = 'sign.password.short'
  else if (bytes > 256) problems.password = 'sign.password.long'
  return problems
}
