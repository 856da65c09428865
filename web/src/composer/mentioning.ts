import { type KeyboardEvent, useRef, useState } from 'react'
import { useCandidates, useMatching } from './mention-list.tsx'
import { type Candidate, completed, type MentionQuery, mentionQueryAt } from './mention-query.ts'

export interface Mentioning {
  readonly list: readonly Candidate[]
  readonly active: number
  /** Everybody whose name counts as a mention in what is written. */
  readonly people: readonly Candidate[]
  /** The text or the caret moved. */
  readonly look: (area: HTMLTextAreaElement) => void
  readonly pick: (candidate: Candidate, text: string) => { text: string; caret: number } | undefined
  /** True when the key was meant for the list; `pick` is told of a choice. */
  readonly onKeyDown: (event: KeyboardEvent, choose: (candidate: Candidate) => void) => boolean
}

/** What happens behind an `@`: who fits, which of them is chosen, and who was chosen before. */
export function useMentioning(): Mentioning {
  const [query, setQuery] = useState<MentionQuery | undefined>(undefined)
  const [choice, setChoice] = useState(0)
  const picked = useRef(new Map<string, Candidate>())
  const all = useCandidates()
  const list = useMatching(all, query?.query)
  const active = Math.min(choice, list.length - 1)
  const people = [...picked.current.values(), ...all]
  return {
    list,
    active,
    people,
    look: (area) => {
      const next =
        area.selectionStart === area.selectionEnd
          ? mentionQueryAt(area.value, area.selectionStart)
          : undefined
      if (next?.query === query?.query && next?.from === query?.from) return
      setQuery(next)
      setChoice(0)
    },
    pick: (candidate, text) => {
      if (query === undefined) return undefined
      picked.current.set(candidate.id, candidate)
      setQuery(undefined)
      return completed(text, query, candidate.name)
    },
    onKeyDown: (event, choose) => {
      if (list.length === 0) return false
      const chosen = list[active]
      if (event.key === 'ArrowDown') setChoice((active + 1) % list.length)
      else if (event.key === 'ArrowUp') setChoice((active + list.length - 1) % list.length)
      else if (event.key === 'Escape') setQuery(undefined)
      else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') {
        if (chosen !== undefined) choose(chosen)
      } else return false
      event.preventDefault()
      return true
    },
  }
}
