import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { useText } from '../i18n/index.ts'

type Tone = 'problem' | 'done'
interface Toast {
  readonly id: number
  readonly tone: Tone
  readonly words: string
  readonly action: ToastAction | undefined
}
/** One thing that can be done about it, mostly to undo it. */
export interface ToastAction {
  readonly words: string
  readonly run: () => void
}
type Show = (tone: Tone, words: string, action?: ToastAction) => void

const lifeMs: Record<Tone, number> = { problem: 8000, done: 3500 }
/** Undoing needs time to read, to decide and to reach for it. */
const actionLifeMs = 8000
const ToastContext = createContext<Show>(() => undefined)

export function useToast(): Show {
  return useContext(ToastContext)
}

export function Toaster({ children }: { children: ReactNode }): ReactNode {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const next = useRef(1)
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const show = useCallback<Show>((tone, words, action) => {
    const toast = { id: next.current++, tone, words, action }
    // Repeating a sentence helps nobody: the newer one replaces the older.
    setToasts((all) => [...all.filter((other) => other.words !== words), toast].slice(-3))
  }, [])
  return (
    <ToastContext value={show}>
      {children}
      <div
        role="region"
        aria-live="polite"
        aria-label="Nexo"
        className="pointer-events-none fixed inset-x-0 bottom-24 z-60 flex flex-col items-center gap-2 px-4"
      >
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onDrop={drop} />
        ))}
      </div>
    </ToastContext>
  )
}

function ToastCard({ toast, onDrop }: { toast: Toast; onDrop: (id: number) => void }): ReactNode {
  const t = useText()
  useEffect(() => {
    const life = toast.action === undefined ? lifeMs[toast.tone] : actionLifeMs
    const timer = setTimeout(() => onDrop(toast.id), life)
    return () => clearTimeout(timer)
  }, [toast, onDrop])
  const { action } = toast
  const Icon = toast.tone === 'problem' ? CircleAlert : CircleCheck
  return (
    <div
      data-tone={toast.tone}
      className="toast pointer-events-auto flex max-w-md items-center gap-2.5 rounded-2xl bg-ink py-2 pr-2 pl-3.5
        text-small text-canvas shadow-high"
    >
      <Icon size={17} className="shrink-0 opacity-80" aria-hidden="true" />
      <span className="min-w-0 [overflow-wrap:anywhere]">{toast.words}</span>
      {action === undefined ? null : (
        <button
          type="button"
          onClick={() => {
            onDrop(toast.id)
            action.run()
          }}
          className="shrink-0 rounded-lg px-2.5 py-1.5 font-semibold underline underline-offset-2"
        >
          {action.words}
        </button>
      )}
      <button
        type="button"
        aria-label={t('action.dismiss')}
        onClick={() => onDrop(toast.id)}
        className="rounded-lg p-1.5 opacity-70 hover:opacity-100"
      >
        <X size={15} />
      </button>
    </div>
  )
}
