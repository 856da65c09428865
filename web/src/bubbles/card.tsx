import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { addressOf } from '../route.ts'
import { CopyableId } from '../ui/copy.tsx'
import { type Body, wordsIn } from './body.ts'
import { Unknown } from './unknown.tsx'

/** A person or a group handed on; a person's card leads to the chat with them. */
export function CardBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const client = useClient()
  const userId = wordsIn(body, 'user_id')
  const id = userId ?? wordsIn(body, 'group_id')
  if (id === undefined) return <Unknown />
  const name = wordsIn(body, 'name') ?? id
  return (
    <span className="flex min-w-52 items-center gap-3 py-0.5">
      <Avatar id={id} name={name} size={42} group={userId === undefined} />
      <span className="min-w-0">
        <span className="block text-micro text-soft">
          {t(userId ? 'bubble.card.user' : 'bubble.card.group')}
        </span>
        {userId === undefined ? (
          <span className="block truncate font-medium">{name}</span>
        ) : (
          <a
            href={addressOf(client.conversationWith(userId))}
            className="block truncate font-medium text-accent-strong hover:underline"
          >
            {name}
          </a>
        )}
        <CopyableId id={id} className="text-small" />
      </span>
    </span>
  )
}
