import type { ChatMessage } from '@nexo-im/client'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Asked, useAnswer } from './answer.tsx'
import { PersonLine } from './people-list.tsx'

interface Props {
  message: ChatMessage
  onClose: () => void
}

/** Who reacted how, newest reactions included while it is open. */
export function ReactorsDialog({ message, onClose }: Props): ReactNode {
  const t = useText()
  const client = useClient()
  const { conversationId, seq, reactions } = message
  const answer = useAnswer(
    () => client.call('message.reactions', { conversation_id: conversationId, seq, limit: 500 }),
    `${conversationId} ${seq} ${JSON.stringify(reactions ?? {})}`,
  )
  return (
    <Dialog title={t('reaction.title')} onClose={onClose}>
      <Asked answer={answer}>
        {({ list }) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no wheel scrolls it with the keyboard
          <ul className="max-h-[55dvh] overflow-y-auto" tabIndex={0}>
            {list.map(({ user_id: userId, emoji }) => (
              <PersonLine
                key={`${userId} ${emoji}`}
                userId={userId}
                after={<span className="text-title">{emoji}</span>}
              />
            ))}
          </ul>
        )}
      </Asked>
    </Dialog>
  )
}
