import { Check, Copy } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { useToast } from './toast.tsx'

/** Shows an id and copies it when pressed. */
export function CopyableId({ id, className = '' }: { id: string; className?: string }): ReactNode {
  const t = useText()
  const toast = useToast()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async (): Promise<void> => {
    if (await copyText(id)) setCopied(true)
    else toast('problem', t('copy.failed'))
  }
  const Icon = copied ? Check : Copy
  return (
    <button
      type="button"
      onClick={() => void copy()}
      aria-label={t('action.copyId', { id })}
      title={copied ? t('action.copied') : t('action.copy')}
      className={`group inline-flex max-w-full items-center gap-1.5 rounded-lg text-soft hover:text-ink ${className}`}
    >
      <span className="truncate tabular-nums">{id}</span>
      <Icon size={13} className={`shrink-0 ${copied ? 'text-good' : 'opacity-60 group-hover:opacity-100'}`} />
    </button>
  )
}

/** False where the browser has no clipboard for us (plain http away from loopback) or refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
