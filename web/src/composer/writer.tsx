import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
} from 'react'
import { useDesk } from '../chat/desk.ts'
import { useText } from '../i18n/index.ts'
import { About } from './about.tsx'
import { EmojiButton, LaterButton, SendButton } from './buttons.tsx'
import { MentionList } from './mention-list.tsx'
import type { Candidate } from './mention-query.ts'
import { type Mentioning, useMentioning } from './mentioning.ts'
import { useWriting, type Writing } from './writing.ts'

const maxHeight = 200

type Input = RefObject<HTMLTextAreaElement | null>

/** Where one writes, replies and edits. */
export function Writer(): ReactNode {
  const t = useText()
  const { place, composing } = useDesk()
  const mentioning = useMentioning()
  const writing = useWriting(mentioning.people)
  const { text, write, fits } = writing
  const input = useRef<HTMLTextAreaElement>(null)
  const ids = { hint: useId(), list: useId() }
  useGrowth(input, text)
  useFocus(input, place.id, composing?.message.seq)
  const insert = useInsert(input, text, write)
  const choose = (candidate: Candidate): void => {
    const next = mentioning.pick(candidate, text)
    if (next !== undefined) insert(next.text, next.caret)
  }
  const onKeyDown = useKeys({ mentioning, writing, choose, refocus: () => input.current?.focus() })
  const listed = mentioning.list.length > 0
  return (
    <div className="shrink-0 px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-5 sm:pb-4">
      <div className="relative mx-auto max-w-[52.5rem]">
        {listed ? (
          <MentionList id={ids.list} list={mentioning.list} active={mentioning.active} onPick={choose} />
        ) : null}
        {fits ? null : (
          <p role="alert" className="px-3 pb-1.5 text-small text-danger">
            {t('composer.tooLong')}
          </p>
        )}
        <div className="rounded-[1.4rem] border border-line bg-raised p-1 shadow-low transition-colors focus-within:border-accent">
          <About />
          <div className="flex items-end">
            <EmojiButton onPick={(sign) => insertSign(input.current, text, sign, insert)} />
            <textarea
              ref={input}
              data-composer
              rows={1}
              dir="auto"
              value={text}
              onChange={(event) => {
                write(event.target.value)
                mentioning.look(event.target)
              }}
              onSelect={(event) => mentioning.look(event.currentTarget)}
              onKeyDown={onKeyDown}
              enterKeyHint="send"
              placeholder={t('composer.placeholder')}
              aria-label={t('composer.label', { title: place.title })}
              aria-describedby={ids.hint}
              {...(listed
                ? {
                    'aria-autocomplete': 'list' as const,
                    'aria-controls': ids.list,
                    'aria-activedescendant': `${ids.list}-${mentioning.active}`,
                  }
                : {})}
              className="min-h-10 min-w-0 flex-1 resize-none bg-transparent px-1 py-2 leading-6 outline-none placeholder:text-faint"
            />
            <span id={ids.hint} className="sr-only">
              {t('composer.hint')}
            </span>
            <LaterButton />
            <SendButton writing={writing} onDone={() => input.current?.focus()} />
          </div>
        </div>
      </div>
    </div>
  )
}

interface Keys {
  mentioning: Mentioning
  writing: Writing
  choose: (candidate: Candidate) => void
  refocus: () => void
}

/** Enter sends, Escape gives up what the words are about, the arrow up edits the last own message. */
function useKeys({ mentioning, writing, choose, refocus }: Keys): (event: KeyboardEvent) => void {
  const { composing, compose, latestEditable } = useDesk()
  return (event) => {
    // Keys while an input method composes are its own; keyCode 229 is how older browsers say so.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (mentioning.onKeyDown(event, choose)) return
    if (event.key === 'Escape' && composing !== undefined) return compose(undefined)
    if (event.key === 'ArrowUp' && writing.text === '' && composing === undefined) {
      const message = latestEditable()
      if (message === undefined) return
      event.preventDefault()
      compose({ kind: 'edit', message })
    }
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    writing.submit()
    refocus()
  }
}

type Insert = (text: string, caret: number) => void

/** Changes the text from outside and puts the caret where writing goes on. */
function useInsert(input: Input, text: string, write: (text: string) => void): Insert {
  const caret = useRef<number | undefined>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the text has changed
  useLayoutEffect(() => {
    if (caret.current === undefined) return
    input.current?.focus()
    input.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  }, [input, text])
  return (next, at) => {
    caret.current = at
    write(next)
  }
}

function insertSign(area: HTMLTextAreaElement | null, text: string, sign: string, insert: Insert): void {
  const from = area?.selectionStart ?? text.length
  const to = area?.selectionEnd ?? from
  insert(text.slice(0, from) + sign + text.slice(to), from + sign.length)
}

function useGrowth(input: Input, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const area = input.current
    if (area === null) return
    area.style.height = 'auto'
    area.style.height = `${Math.min(maxHeight, area.scrollHeight)}px`
    area.style.overflowY = area.scrollHeight > maxHeight ? 'auto' : 'hidden'
  }, [input, text])
}

/** Where a keyboard would cover half the screen, opening a chat must not bring it up; answering or editing may. */
function useFocus(input: Input, conversationId: string, aboutSeq: number | undefined): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per conversation
  useEffect(() => {
    if (matchMedia('(hover: hover) and (width > 640px)').matches) input.current?.focus()
  }, [input, conversationId])
  useEffect(() => {
    const area = input.current
    if (aboutSeq === undefined || area === null) return
    // After the menu it was chosen from has closed.
    const timer = setTimeout(() => {
      area.focus()
      area.setSelectionRange(area.value.length, area.value.length)
    })
    return () => clearTimeout(timer)
  }, [input, aboutSeq])
}
