import { CircleHelp } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'

/** Stands in for whatever this version cannot show. */
export function Unknown(): ReactNode {
  const t = useText()
  return (
    <span className="flex items-center gap-2 text-soft italic">
      <CircleHelp size={16} className="shrink-0" aria-hidden="true" />
      {t('message.unknown')}
    </span>
  )
}
