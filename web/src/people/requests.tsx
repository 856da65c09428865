import { useFriendRequests } from '@nexo-im/client/react'
import type { FriendRequest } from '@nexo-im/protocol'
import { Check, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from './avatar.tsx'
import { useName } from './names.ts'
import { usePersonActions } from './person-actions.ts'
import { PersonPopover } from './person-popover.tsx'

/** Friend requests that wait, on both sides. */
export function Requests(): ReactNode {
  const t = useText()
  const requests = useFriendRequests(useClient())
  if (requests === undefined) return null
  return (
    <>
      <Section title={t('friends.requests.incoming')} requests={requests.incoming} incoming />
      <Section title={t('friends.requests.outgoing')} requests={requests.outgoing} incoming={false} />
    </>
  )
}

interface SectionProps {
  title: string
  requests: readonly FriendRequest[]
  incoming: boolean
}

function Section({ title, requests, incoming }: SectionProps): ReactNode {
  const t = useText()
  if (requests.length === 0) return null
  return (
    <section className="mb-2">
      <h2 className="px-2.5 pt-2 pb-1 text-micro font-medium text-faint">
        {t('friends.requests')} · {title}
      </h2>
      <ul>
        {requests.map((request) => (
          <RequestRow key={`${request.from_id}\n${request.to_id}`} request={request} incoming={incoming} />
        ))}
      </ul>
    </section>
  )
}

function RequestRow({ request, incoming }: { request: FriendRequest; incoming: boolean }): ReactNode {
  const t = useText()
  const id = incoming ? request.from_id : request.to_id
  const name = useName(id)
  const actions = usePersonActions(id)
  const round = 'grid size-9 shrink-0 place-items-center rounded-full disabled:opacity-60'
  return (
    <li data-request={id} className="flex items-center gap-3 rounded-2xl px-2.5 py-2">
      <PersonPopover userId={id} className="rounded-full">
        <Avatar id={id} name={name} size={42} />
      </PersonPopover>
      <div className="min-w-0 flex-1">
        <p className="truncate text-left font-medium" dir="auto">
          {name}
        </p>
        <p className="truncate text-left text-small text-soft" dir="auto" title={request.message}>
          {request.message || (incoming ? id : t('friends.waiting'))}
        </p>
      </div>
      {incoming ? (
        <>
          <button
            type="button"
            disabled={actions.busy}
            aria-label={t('friends.accept.name', { name })}
            title={t('friends.accept')}
            onClick={() => void actions.accept()}
            className={`${round} bg-accent text-on-accent hover:bg-accent-strong`}
          >
            <Check size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            disabled={actions.busy}
            aria-label={t('friends.reject.name', { name })}
            title={t('friends.reject')}
            onClick={() => void actions.reject()}
            className={`${round} bg-ink/6 hover:bg-ink/10`}
          >
            <X size={18} aria-hidden="true" />
          </button>
        </>
      ) : (
        <button
          type="button"
          disabled={actions.busy}
          aria-label={t('friends.withdraw.name', { name })}
          title={t('friends.withdraw')}
          onClick={() => void actions.withdraw()}
          className={`${round} bg-ink/6 hover:bg-ink/10`}
        >
          <X size={18} aria-hidden="true" />
        </button>
      )}
    </li>
  )
}
