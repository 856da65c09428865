import type { ConversationView } from '@nexo-im/client'
import type { ReactNode } from 'react'
import { type Text, useText } from '../i18n/index.ts'
import { useNames } from './names.ts'

/** Who writes at this moment, in words; '' while nobody does. */
export function useTypingWords(view: Pick<ConversationView, 'type' | 'typing'> | undefined): string {
  const t = useText()
  const typing = view?.typing ?? []
  const names = useNames(typing.slice(0, 2))
  return typingWords(view?.type === 'group', typing.length, names, t)
}

function typingWords(inGroup: boolean, count: number, names: readonly string[], t: Text): string {
  if (count === 0) return ''
  if (!inGroup) return t('chat.typing')
  const [name = '', other = ''] = names
  if (count === 1) return t('chat.typing.name', { name })
  return count === 2 ? t('chat.typing.both', { name, other }) : t('chat.typing.many', { count })
}

export function TypingLine({ words }: { words: string }): ReactNode {
  return (
    <p className="flex items-center gap-1.5 truncate text-small text-accent-strong" data-testid="typing">
      <span className="typing-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className="truncate">{words}</span>
    </p>
  )
}
