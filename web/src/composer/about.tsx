import { Pencil, Reply, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { type Composing, useDesk } from '../chat/desk.ts'
import { useMemberName } from '../chat/names.ts'
import { useText } from '../i18n/index.ts'
import { hueOf } from '../people/initials.ts'

/** Above the words: which message they answer or change. */
export function About(): ReactNode {
  const { composing } = useDesk()
  return composing === undefined ? null : <Bar composing={composing} />
}

function Bar({ composing: { kind, message } }: { composing: Composing }): ReactNode {
  const t = useText()
  const { compose, jump, find } = useDesk()
  const name = useMemberName(message.senderId)
  const present = find(message.seq) ?? message
  const replying = kind === 'reply'
  const Icon = replying ? Reply : Pencil
  const cancel = t(replying ? 'composer.replying.cancel' : 'composer.editing.cancel')
  return (
    <div
      className="mx-1 mt-1 flex items-center gap-2 rounded-2xl bg-ink/5 py-1.5 ps-3 pe-1.5"
      data-testid={kind}
    >
      <Icon size={17} className="shrink-0 text-accent" aria-hidden="true" />
      <button
        type="button"
        className="min-w-0 flex-1 rounded-md border-s-2 border-accent ps-2.5 text-start text-small"
        title={t('bubble.quote.jump')}
        onClick={() => jump(message.seq)}
      >
        <span
          className={`block truncate font-medium ${replying ? 'name-colour' : 'text-accent-strong'}`}
          style={{ '--hue': hueOf(message.senderId) }}
        >
          {replying ? t('composer.replying', { name }) : t('composer.editing')}
        </span>
        <span className="block truncate text-soft" dir="auto">
          {previewOf(present, t)}
        </span>
      </button>
      <button
        type="button"
        aria-label={cancel}
        title={cancel}
        onClick={() => compose(undefined)}
        className="grid size-8 shrink-0 place-items-center rounded-full text-soft hover:bg-ink/7 hover:text-ink"
      >
        <X size={17} aria-hidden="true" />
      </button>
    </div>
  )
}
