import type { ChatMessage } from '@nexo-im/client'
import { HoverCard } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { useToast } from '../ui/toast.tsx'
import { useDesk } from './desk.ts'
import { useLongPress } from './long-press.ts'
import { useNames } from './names.ts'

/** Gives or takes back the own reaction. */
export function useReact(): (message: ChatMessage, emoji: string) => void {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  return (message, emoji) => {
    const mine = message.myReactions?.includes(emoji) ?? false
    client
      .react(message.conversationId, message.seq, emoji, mine)
      .catch((failure: unknown) => toast('problem', explain(failure, t)))
  }
}

export function ReactionChips({ message }: { message: ChatMessage }): ReactNode {
  const all = Object.entries(message.reactions ?? {}).filter(([, count]) => count > 0)
  if (all.length === 0) return null
  return (
    <div className="mt-0.5 flex flex-wrap gap-1" data-reactions={message.seq}>
      {all.map(([emoji, count]) => (
        <Chip key={emoji} message={message} emoji={emoji} count={count} />
      ))}
    </div>
  )
}

function Chip({ message, emoji, count }: { message: ChatMessage; emoji: string; count: number }): ReactNode {
  const t = useText()
  const { rights, show } = useDesk()
  const react = useReact()
  const mine = message.myReactions?.includes(emoji) ?? false
  const showAll = (): void => show({ kind: 'reactors', message })
  const press = useLongPress(showAll)
  const click = (): void => (rights.hindrance === undefined ? react(message, emoji) : showAll())
  return (
    <HoverCard.Root openDelay={350} closeDelay={80}>
      <HoverCard.Trigger asChild>
        <button
          type="button"
          aria-pressed={mine}
          aria-label={t.count('reaction.chip', count, { emoji })}
          data-reaction={emoji}
          onClick={click}
          onContextMenu={(event) => {
            event.preventDefault()
            event.stopPropagation()
            showAll()
          }}
          {...press}
          className={`arriving inline-flex h-7 items-center gap-1 rounded-full px-2 text-small tabular-nums ring-1
            ${mine ? 'bg-tint text-accent-strong ring-accent' : 'bg-raised text-soft ring-line hover:text-ink'}`}
        >
          <span className="text-[0.95rem]/none" aria-hidden="true">
            {emoji}
          </span>
          {count}
        </button>
      </HoverCard.Trigger>
      <HoverCard.Portal>
        <HoverCard.Content
          sideOffset={6}
          collisionPadding={8}
          className="menu z-50 max-w-60 rounded-xl border border-line bg-raised px-3 py-2 text-small shadow-high"
        >
          <Reactors message={message} emoji={emoji} count={count} />
        </HoverCard.Content>
      </HoverCard.Portal>
    </HoverCard.Root>
  )
}

const named = 8

/** Names of the first who reacted so. Asked for when somebody looks. */
function Reactors({
  message,
  emoji,
  count,
}: {
  message: ChatMessage
  emoji: string
  count: number
}): ReactNode {
  const t = useText()
  const client = useClient()
  const [ids, setIds] = useState<readonly string[]>([])
  const { conversationId, seq } = message
  useEffect(() => {
    let wanted = true
    client
      .call('message.reactions', { conversation_id: conversationId, seq, limit: 200 })
      .then(({ list }) => {
        if (wanted) setIds(list.filter((one) => one.emoji === emoji).map((one) => one.user_id))
      })
      .catch(() => undefined)
    return () => {
      wanted = false
    }
  }, [client, conversationId, seq, emoji])
  const names = useNames(ids.slice(0, named))
  if (ids.length === 0) return <span>{t.count('reaction.chip', count, { emoji })}</span>
  const shown = names.join(t('notice.comma'))
  return (
    <span>
      {count > names.length ? t('reaction.more', { names: shown, count: count - names.length }) : shown}
    </span>
  )
}
