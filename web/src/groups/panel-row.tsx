import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

interface PanelRowProps {
  icon: ReactNode
  label: string
  value?: string
  badge?: number
  /** The badge for those who do not see it. */
  badgeWords?: string
  onClick: () => void
}

/** One line of a panel that opens a window. */
export function PanelRow({ icon, label, value, badge = 0, badgeWords, onClick }: PanelRowProps): ReactNode {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex min-h-11 w-full items-center gap-3 px-4 py-2 text-start -outline-offset-2 hover:bg-ink/5"
    >
      <span className="text-soft" aria-hidden="true">
        {icon}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block">{label}</span>
        {value === undefined ? null : (
          <span className="block truncate text-small text-faint" dir="auto">
            {value}
          </span>
        )}
      </span>
      {badge === 0 ? null : (
        <>
          <span
            aria-hidden="true"
            data-testid="badge"
            className="min-w-5 rounded-full bg-spark px-1.5 text-center text-micro/5 font-bold text-on-spark tabular-nums"
          >
            {badge}
          </span>
          <span className="sr-only">{badgeWords}</span>
        </>
      )}
      <ChevronRight size={16} className="shrink-0 text-faint rtl:rotate-180" aria-hidden="true" />
    </button>
  )
}
