import { msgType } from '@nexo-im/protocol'
import { SendHorizontal } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import type { Place } from '../people/names.ts'
import { useDraft, useDrafts } from './drafts.ts'
import { fitsFrame, trimmed } from './outgoing.ts'

const maxHeight = 200

interface Props {
  place: Place
  /** No longer a member of this group: reading goes on, writing does not. */
  left: boolean
}

export function Composer({ place, left }: Props): ReactNode {
  const t = useText()
  if (!left) return <Writer place={place} />
  return (
    <p className="border-t border-line px-6 py-5 text-center text-small text-soft" role="status">
      {t('composer.left')}
    </p>
  )
}

function Writer({ place }: { place: Place }): ReactNode {
  const t = useText()
  const client = useClient()
  const drafts = useDrafts()
  const text = useDraft(place.id)
  const input = useRef<HTMLTextAreaElement>(null)
  const hintId = useId()
  useGrowth(input, text)
  useFocusOnDesktop(input, place.id)
  const fits = fitsFrame(text)
  const ready = trimmed(text) !== '' && fits

  const send = (): void => {
    if (!ready) return
    const to = place.type === 'group' ? { groupId: place.groupId } : { userId: place.peerId }
    const { acked } = client.send(to, { type: msgType.text, content: { text: { text: trimmed(text) } } })
    // The message itself shows why it failed.
    acked.catch(() => undefined)
    drafts.set(place.id, '')
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter while an input method composes chooses a word; keyCode 229 is how older browsers say so.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229)
      return
    event.preventDefault()
    send()
  }
  return (
    <div className="shrink-0 px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-5 sm:pb-4">
      <div className="mx-auto max-w-[52.5rem]">
        {fits ? null : (
          <p role="alert" className="px-3 pb-1.5 text-small text-danger">
            {t('composer.tooLong')}
          </p>
        )}
        <div
          className="flex items-end rounded-[1.4rem] border border-line bg-raised p-1 shadow-low transition-colors
            focus-within:border-accent"
        >
          <textarea
            ref={input}
            rows={1}
            dir="auto"
            value={text}
            onChange={(event) => drafts.set(place.id, event.target.value)}
            onKeyDown={onKeyDown}
            enterKeyHint="send"
            placeholder={t('composer.placeholder')}
            aria-label={t('composer.label', { title: place.title })}
            aria-describedby={hintId}
            className="min-h-10 min-w-0 flex-1 resize-none bg-transparent px-3.5 py-2 leading-6 outline-none placeholder:text-faint"
          />
          <span id={hintId} className="sr-only">
            {t('composer.hint')}
          </span>
          <button
            type="button"
            onClick={send}
            disabled={!ready}
            aria-label={t('composer.send')}
            title={t('composer.hint')}
            className="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition
              hover:bg-accent-strong disabled:bg-ink/8 disabled:text-faint"
          >
            <SendHorizontal size={19} aria-hidden="true" />
          </button>
        </div>
      </div>
    </div>
  )
}

function useGrowth(input: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const area = input.current
    if (area === null) return
    area.style.height = 'auto'
    area.style.height = `${Math.min(maxHeight, area.scrollHeight)}px`
    area.style.overflowY = area.scrollHeight > maxHeight ? 'auto' : 'hidden'
  }, [input, text])
}

/** Where a keyboard would cover half the screen, opening a chat must not bring it up. */
function useFocusOnDesktop(input: React.RefObject<HTMLTextAreaElement | null>, conversationId: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per conversation
  useEffect(() => {
    if (matchMedia('(hover: hover) and (width > 640px)').matches) input.current?.focus()
  }, [input, conversationId])
}
