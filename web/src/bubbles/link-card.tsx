import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { addressOf } from './address.ts'

interface LinkCardProps {
  icon: ReactNode
  title: string
  /** Size, duration and the like. */
  facts?: readonly (string | undefined)[]
  url: string | undefined
}

/** Something that lies elsewhere: named, described, and opened only by whoever follows the link. */
export function LinkCard({ icon, title, facts = [], url }: LinkCardProps): ReactNode {
  const t = useText()
  const address = url === undefined ? undefined : addressOf(url, location.origin)
  const known = facts.filter((fact) => fact !== undefined)
  return (
    <span className="flex max-w-full min-w-56 items-center gap-3 py-0.5">
      <span className="grid size-10 shrink-0 place-items-center rounded-xl bg-accent text-on-accent">
        {icon}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-medium [overflow-wrap:anywhere]">{title}</span>
        {known.length > 0 ? (
          <span className="block text-small text-soft tabular-nums">{known.join(' · ')}</span>
        ) : null}
        {address === undefined || address.kind === 'opaque' ? (
          <span className="block truncate text-small text-soft">{address?.words}</span>
        ) : (
          <a
            href={address.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            title={address.kind === 'foreign' ? t('bubble.foreign') : undefined}
            className="flex items-center gap-1 text-small text-accent-strong underline decoration-current/40
              underline-offset-2 hover:decoration-current"
          >
            <ExternalLink size={12} className="shrink-0" aria-hidden="true" />
            <span className="truncate">{address.href.replace(/^https?:\/\//, '')}</span>
          </a>
        )}
      </span>
    </span>
  )
}
