import type { ChatMessage } from '@nexo-im/client'
import { Layers } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useNames } from '../chat/names.ts'
import { dateAndTime, shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { Dialog } from '../ui/dialog.tsx'
import type { Body } from './body.ts'
import { type Bundle, type BundleItem, bundleOf } from './bundle.ts'
import { previewOf } from './preview.ts'
import { Unknown } from './unknown.tsx'

const shownLines = 4

interface BundleBubbleProps {
  body: Body
  /** Draws the inside of one of the messages. */
  inside: (message: ChatMessage) => ReactNode
}

/** A stretch of another conversation: its first lines, and all of it in a window. */
export function BundleBubble({ body, inside }: BundleBubbleProps): ReactNode {
  const t = useText()
  const [open, setOpen] = useState(false)
  const bundle = bundleOf(body)
  const first = bundle?.items.slice(0, shownLines) ?? []
  const names = useNames(first.map((item) => item.senderId))
  if (bundle === undefined) return <Unknown />
  const title = bundle.title || t('bundle.title')
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
        className="block w-64 max-w-full py-0.5 text-start"
      >
        <span className="flex items-center gap-1.5 font-medium">
          <Layers size={15} className="shrink-0 text-accent" aria-hidden="true" />
          <span className="truncate">{title}</span>
        </span>
        <span className="mt-1 block text-small text-soft">
          {first.map((item, i) => (
            <span key={item.key} className="block truncate">
              <bdi>{names[i]}</bdi>: {previewOf(item, t)}
            </span>
          ))}
        </span>
        <span className="mt-1.5 block border-t border-ink/10 pt-1 text-micro text-soft">
          {t.count('bundle.more', bundle.items.length)}
        </span>
      </button>
      {open ? (
        <BundleWindow title={title} bundle={bundle} inside={inside} onClose={() => setOpen(false)} />
      ) : null}
    </>
  )
}

function BundleWindow(props: {
  title: string
  bundle: Bundle
  inside: BundleBubbleProps['inside']
  onClose: () => void
}): ReactNode {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no wheel scrolls it with the keyboard */}
      <ul className="-mx-2 max-h-[65dvh] overflow-y-auto px-2" tabIndex={0}>
        {props.bundle.items.map((item) => (
          <Line key={item.key} item={item} inside={props.inside} />
        ))}
      </ul>
    </Dialog>
  )
}

function Line({ item, inside }: { item: BundleItem; inside: BundleBubbleProps['inside'] }): ReactNode {
  const t = useText()
  const [name = ''] = useNames([item.senderId])
  const { key: clientMsgId, senderId, type, content, sentAt } = item
  return (
    <li className="flex gap-2.5 border-b border-line py-2.5 last:border-0">
      <Avatar id={senderId} name={name} size={32} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2 text-small">
          <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
            {name}
          </span>
          <time
            className="shrink-0 text-micro text-faint tabular-nums"
            dateTime={new Date(sentAt).toISOString()}
            title={dateAndTime(sentAt, t)}
          >
            {shortMoment(sentAt, t)}
          </time>
        </p>
        <div className="[overflow-wrap:anywhere]" dir="auto">
          {inside({
            clientMsgId,
            conversationId: '',
            seq: 0,
            senderId,
            type,
            content,
            sentAt,
            status: 'sent',
          })}
        </div>
      </div>
    </li>
  )
}
