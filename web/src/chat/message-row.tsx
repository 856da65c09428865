import type { ChatMessage } from '@nexo-im/client'
import { msgType } from '@nexo-im/protocol'
import { Check, Forward, RotateCcw, Trash2 } from 'lucide-react'
import type { MouseEvent, ReactNode } from 'react'
import { bodyOf, wordsIn } from '../bubbles/body.ts'
import { Bubble } from '../bubbles/bubble.tsx'
import { previewOf } from '../bubbles/preview.ts'
import { isJumbo } from '../bubbles/text.tsx'
import { useClient, useOwnId } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { hueOf } from '../people/initials.ts'
import { PersonPopover } from '../people/person-popover.tsx'
import { useDesk } from './desk.ts'
import { useLongPress } from './long-press.ts'
import { Meta } from './meta.tsx'
import { useMemberName } from './names.ts'
import { ReactionChips } from './reactions.tsx'
import type { ReadCount } from './read-counts.ts'
import type { MessageRow } from './rows.ts'
import type { Spot } from './spot.ts'
import { Tools } from './tools.tsx'

interface Props {
  row: MessageRow
  inGroup: boolean
  flash: boolean
  reads: ReadCount | undefined
  /** The one message whose menu the Tab key reaches. */
  reachable: boolean
  onReach: (seq: number) => void
  onMenu: (spot: Spot) => void
  onPicker: (spot: Spot) => void
}

export function MessageLine(props: Props): ReactNode {
  const { row, inGroup, flash, reads, onMenu } = props
  const { message, first, last } = row
  const own = message.senderId === useOwnId()
  const name = useMemberName(message.senderId)
  const { selected } = useDesk()
  const stored = message.seq > 0
  const selecting = selected !== undefined && stored
  const named = inGroup && !own
  const openMenu = (x: number, y: number, row: HTMLElement): void => {
    if (!stored || selecting) return
    const from = row.querySelector<HTMLElement>('[data-actions]') ?? undefined
    onMenu({ message, x, y, from, byKey: false })
  }
  const press = useLongPress(openMenu)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for keys the button in it does the same
    <div
      data-message={message.clientMsgId}
      data-seq={message.seq}
      data-status={message.status}
      data-flash={flash}
      data-selected={selected?.has(message.seq) ?? false}
      className={`message-line relative px-4 sm:px-6 ${first ? 'pt-2.5' : 'pt-1'}`}
      onContextMenu={(event) => onContextMenu(event, openMenu)}
      {...press}
    >
      {selecting ? <SelectBox message={message} name={name} /> : null}
      <div
        className={`flex items-end gap-2 ${own ? 'justify-end' : 'justify-start'} ${selecting ? 'ps-9' : ''}`}
        inert={selecting}
      >
        {named ? (
          <span className="w-8 shrink-0">
            {last ? (
              <PersonPopover userId={message.senderId} className="rounded-full">
                <Avatar id={message.senderId} name={name} size={32} />
              </PersonPopover>
            ) : null}
          </span>
        ) : null}
        <div className={`bubble-box flex min-w-0 flex-col ${own ? 'items-end' : 'items-start'}`}>
          <div className="relative max-w-full">
            <Shape {...props} own={own} name={named && first ? name : undefined} reads={reads} />
            {stored && !selecting ? <Tools {...props} message={message} own={own} name={name} /> : null}
          </div>
          <ReactionChips message={message} />
        </div>
      </div>
      {message.status === 'failed' ? <Failure message={message} /> : null}
    </div>
  )
}

/** A dialog of a bubble is drawn elsewhere, yet its events come by here. Links and selections keep the browser's menu. */
function onContextMenu(
  event: MouseEvent<HTMLElement>,
  open: (x: number, y: number, row: HTMLElement) => void,
): void {
  const target = event.target as Element
  if (!event.currentTarget.contains(target) || target.closest('a, [data-reactions]') !== null) return
  const chosen = getSelection()
  if (chosen !== null && !chosen.isCollapsed && chosen.containsNode(target, true)) return
  event.preventDefault()
  open(event.clientX, event.clientY, event.currentTarget)
}

interface ShapeProps extends Pick<Props, 'row' | 'reads'> {
  own: boolean
  /** Shown above the words. */
  name: string | undefined
}

function Shape({ row, own, name, reads }: ShapeProps): ReactNode {
  const t = useText()
  const { jump } = useDesk()
  const { message, first, last } = row
  const failed = message.status === 'failed'
  const bare = message.type === msgType.text && isJumbo(wordsIn(bodyOf(message) ?? {}, 'text') ?? '')
  return (
    <div
      className={`bubble ${bare ? 'py-1' : 'px-3.5 py-2'}`}
      data-side={bare ? 'bare' : own ? 'own' : 'theirs'}
      data-first={first}
      data-last={last}
      data-failed={failed && !bare}
    >
      {name === undefined ? null : (
        <span
          className="name-colour mb-0.5 block max-w-full truncate text-left text-small font-semibold"
          style={{ '--hue': hueOf(message.senderId) }}
          dir="auto"
        >
          {name}
        </span>
      )}
      {message.forwarded === true ? (
        <span
          className={`mb-0.5 flex items-center gap-1 text-micro italic ${own ? 'text-own-soft' : 'text-faint'}`}
        >
          <Forward size={12} aria-hidden="true" />
          {t('message.forwarded')}
        </span>
      ) : null}
      <div className="speech" dir="auto">
        <Bubble message={message} onJump={jump} />
        <Meta message={message} own={own} reads={reads} />
      </div>
    </div>
  )
}

/** Covers the whole line: where one selects, there is nothing else to press. */
function SelectBox({ message, name }: { message: ChatMessage; name: string }): ReactNode {
  const t = useText()
  const { selected, select } = useDesk()
  const chosen = selected?.has(message.seq) ?? false
  const toggle = (): void => {
    const next = new Set(selected)
    if (!next.delete(message.seq)) next.add(message.seq)
    select(next)
  }
  return (
    <label className="absolute inset-0 z-10 flex cursor-pointer items-center ps-4 sm:ps-6">
      <input
        type="checkbox"
        className="peer sr-only"
        checked={chosen}
        onChange={toggle}
        aria-label={t('select.toggle', { name, text: previewOf(message, t) })}
      />
      <span
        className="grid size-6 place-items-center rounded-full border-2 border-ink/30 text-on-accent
          peer-checked:border-accent peer-checked:bg-accent peer-focus-visible:outline-2
          peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
      >
        {chosen ? <Check size={15} strokeWidth={3} aria-hidden="true" /> : null}
      </span>
    </label>
  )
}

/** Why a message was not sent, and what to do about it. */
function Failure({ message }: { message: ChatMessage }): ReactNode {
  const t = useText()
  const client = useClient()
  const action = 'inline-flex items-center gap-1 rounded-md px-1 font-medium hover:underline'
  return (
    <div className="mt-1 flex flex-wrap items-center justify-end gap-x-2 text-small text-danger">
      <span>
        {message.error === undefined
          ? t('message.failed')
          : t('message.failed.because', { reason: explain(message.error, t) })}
      </span>
      <button type="button" className={action} onClick={() => client.retry(message.clientMsgId)}>
        <RotateCcw size={13} aria-hidden="true" />
        {t('action.retry')}
      </button>
      <button type="button" className={action} onClick={() => client.discard(message.clientMsgId)}>
        <Trash2 size={13} aria-hidden="true" />
        {t('action.discard')}
      </button>
    </div>
  )
}
