import { Search } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { type Emoji, emojiGroups, findEmoji } from './emoji-list.ts'

const columns = 8

/** All emoji by group, found by words of both languages, walked with the arrow keys. */
export function EmojiPicker({ onPick }: { onPick: (sign: string) => void }): ReactNode {
  const t = useText()
  const [query, setQuery] = useState('')
  const found = query.trim() === '' ? undefined : findEmoji(query)
  const panel = useRef<HTMLDivElement>(null)
  return (
    <div
      ref={panel}
      role="group"
      aria-label={t('emoji.label')}
      className="w-[19.5rem] max-w-full"
      onKeyDown={(event) => walk(event, panel.current)}
    >
      <label className="mb-1.5 flex h-9 items-center rounded-xl bg-ink/6 ring-accent/40 focus-within:ring-2">
        <Search size={15} className="ms-3 shrink-0 text-faint" aria-hidden="true" />
        <input
          type="text"
          role="searchbox"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          aria-label={t('emoji.search')}
          placeholder={t('emoji.search')}
          className="h-full min-w-0 flex-1 bg-transparent px-2 text-small outline-none placeholder:text-faint"
        />
      </label>
      <div className="h-56 overflow-y-auto overscroll-contain">
        {found === undefined ? (
          emojiGroups.map(({ group, list }, i) => (
            <Group
              key={group}
              title={t(`emoji.group.${group}`)}
              list={list}
              first={i === 0}
              onPick={onPick}
            />
          ))
        ) : found.length === 0 ? (
          <p className="px-2 py-6 text-center text-small text-soft">{t('emoji.none')}</p>
        ) : (
          <Signs list={found} first onPick={onPick} />
        )}
      </div>
    </div>
  )
}

interface GroupProps {
  title: string
  list: readonly Emoji[]
  first: boolean
  onPick: (sign: string) => void
}

function Group({ title, ...signs }: GroupProps): ReactNode {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="px-1 pt-2 pb-1 text-micro font-medium text-faint">
        {title}
      </h2>
      <Signs {...signs} />
    </section>
  )
}

function Signs({ list, first, onPick }: Omit<GroupProps, 'title'>): ReactNode {
  const t = useText()
  return (
    <div className="grid grid-cols-8">
      {list.map(({ sign, words }, i) => {
        const name = words[t.language].split(' ').join(t.language === 'zh' ? '、' : ', ')
        return (
          <button
            key={sign}
            type="button"
            data-emoji={sign}
            // One stop of the Tab key for all of them.
            tabIndex={first && i === 0 ? 0 : -1}
            aria-label={name}
            title={name}
            onClick={() => onPick(sign)}
            className="grid aspect-square place-items-center rounded-lg text-[1.35rem]/none hover:bg-ink/8"
          >
            {sign}
          </button>
        )
      })}
    </div>
  )
}

const steps: Partial<Record<string, number>> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  ArrowDown: columns,
  ArrowUp: -columns,
}

function walk(event: KeyboardEvent, panel: HTMLElement | null): void {
  const step = steps[event.key]
  if (step === undefined || panel === null) return
  const signs = [...panel.querySelectorAll<HTMLElement>('[data-emoji]')]
  const at = signs.indexOf(document.activeElement as HTMLElement)
  const inField = at < 0
  if (inField && event.key !== 'ArrowDown') return
  event.preventDefault()
  const next = inField ? 0 : Math.max(0, Math.min(signs.length - 1, at + step))
  if (!inField && at + step < 0) panel.querySelector('input')?.focus()
  else signs[next]?.focus()
}
