import { Search, X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useText } from '../i18n/index.ts'

interface Props {
  value: string
  onChange: (value: string) => void
  label: string
}

export function SearchField({ value, onChange, label }: Props): ReactNode {
  const t = useText()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <div className="flex h-9 min-w-0 flex-1 items-center rounded-xl bg-ink/6 ring-accent/40 focus-within:ring-2">
      <Search size={16} className="ms-3 shrink-0 text-faint" aria-hidden="true" />
      <input
        ref={input}
        type="text"
        role="searchbox"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onChange('')}
        aria-label={label}
        placeholder={label}
        className="h-full min-w-0 flex-1 bg-transparent px-2 text-small outline-none placeholder:text-faint"
      />
      {value === '' ? null : (
        <button
          type="button"
          aria-label={t('list.search.clear')}
          onClick={() => onChange('')}
          className="me-1.5 rounded-lg p-1 text-faint hover:text-ink"
        >
          <X size={15} />
        </button>
      )}
    </div>
  )
}
