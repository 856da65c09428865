import { Plus, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { frame } from '../ui/field.tsx'

interface Props {
  ids: readonly string[]
  onChange: (ids: readonly string[]) => void
  problem: string | undefined
  /** Ids the server did not know; shown in red. */
  unknown: readonly string[]
  label?: string
  hint?: string
}

/** Ids typed or pasted one after another; Enter and commas end one (an id may hold spaces). */
export function IdChips({ ids, onChange, problem, unknown, label, hint }: Props): ReactNode {
  const t = useText()
  const inputId = useId()
  const [typed, setTyped] = useState('')
  const add = (text: string): void => {
    const fresh = idsIn(text).filter((id) => !ids.includes(id))
    if (fresh.length > 0) onChange([...ids, ...fresh])
    setTyped('')
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    if ((event.key === 'Enter' || event.key === ',') && typed.trim() !== '') {
      event.preventDefault()
      add(typed)
    } else if (event.key === 'Backspace' && typed === '' && ids.length > 0) {
      onChange(ids.slice(0, -1))
    }
  }
  return (
    <div>
      <label htmlFor={inputId} className="mb-1.5 block text-small font-medium">
        {label ?? t('new.group.members')}
      </label>
      <div
        className={`${frame} min-h-11 flex-wrap gap-1.5 px-2 py-1.5 ${problem === undefined ? '' : 'border-danger'}`}
      >
        {ids.map((id) => (
          <Chip
            key={id}
            id={id}
            wrong={unknown.includes(id)}
            onRemove={() => onChange(ids.filter((other) => other !== id))}
          />
        ))}
        <input
          id={inputId}
          value={typed}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${inputId}-note`}
          aria-invalid={problem !== undefined}
          onChange={(event) =>
            /[,，;；]$/.test(event.target.value) ? add(event.target.value) : setTyped(event.target.value)
          }
          onBlur={() => add(typed)}
          onKeyDown={onKeyDown}
          className="h-7 min-w-24 flex-1 bg-transparent px-1.5 outline-none"
        />
        {typed.trim() === '' ? null : (
          <button
            type="button"
            aria-label={t('new.group.members.add')}
            onClick={() => add(typed)}
            className="grid size-7 place-items-center rounded-lg text-accent hover:bg-ink/7"
          >
            <Plus size={16} />
          </button>
        )}
      </div>
      <p
        id={`${inputId}-note`}
        role={problem === undefined ? undefined : 'alert'}
        className={`mt-1.5 text-small ${problem === undefined ? 'text-faint' : 'text-danger'}`}
      >
        {problem ?? hint ?? t('new.group.members.hint')}
      </p>
    </div>
  )
}

function Chip({ id, wrong, onRemove }: { id: string; wrong: boolean; onRemove: () => void }): ReactNode {
  const t = useText()
  return (
    <span
      className={`inline-flex h-7 max-w-full items-center gap-0.5 rounded-lg ps-2.5 pe-1 text-small
        ${wrong ? 'bg-danger-tint text-danger' : 'bg-tint text-accent-strong'}`}
    >
      <span className="truncate">{id}</span>
      <button
        type="button"
        aria-label={t('new.group.members.remove', { id })}
        onClick={onRemove}
        className="rounded-md p-0.5 hover:bg-ink/10"
      >
        <X size={13} />
      </button>
    </span>
  )
}

/** The ids in a typed or pasted text, each once. */
export function idsIn(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,，;；\n\t]+/)
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    ),
  ]
}
