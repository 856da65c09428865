import type { ReactNode } from 'react'
import { dayName } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import type { History } from './history.ts'
import { type Row, timeOf } from './rows.ts'

const pill = 'rounded-full px-3 py-1 text-micro font-medium'

export function DayLine({ at, now }: { at: number; now: number }): ReactNode {
  const t = useText()
  return (
    <div className="flex justify-center pt-5 pb-1.5">
      <span className={`${pill} bg-ink/6 text-soft`}>{dayName(at, t, now)}</span>
    </div>
  )
}

export function UnreadLine(): ReactNode {
  const t = useText()
  return (
    <div
      data-testid="unread-line"
      className="flex items-center gap-3 px-4 pt-4 pb-1 text-micro font-semibold text-spark-text sm:px-6"
    >
      <span className="h-px flex-1 bg-spark/60" />
      {t('chat.unread')}
      <span className="h-px flex-1 bg-spark/60" />
    </div>
  )
}

/** Says which day is in view while somebody scrolls through history. */
export function FloatingDay({
  row,
  shown,
  now,
}: {
  row: Row | undefined
  shown: boolean
  now: number
}): ReactNode {
  const t = useText()
  const at = timeOf(row)
  if (at === undefined) return null
  return (
    <div
      aria-hidden="true"
      className={`pointer-events-none absolute inset-x-0 top-2.5 flex justify-center transition-opacity duration-300
        ${shown ? 'opacity-100' : 'opacity-0'}`}
    >
      <span className={`${pill} bg-raised text-soft shadow-low ring-1 ring-line`}>{dayName(at, t, now)}</span>
    </div>
  )
}

/** The space above the very first message. */
export function Beginning(): ReactNode {
  const t = useText()
  return (
    <p className="absolute inset-x-0 top-0 flex h-16 items-center justify-center text-small text-faint">
      {t('chat.beginning')}
    </p>
  )
}

/** Lies over the list, so that it takes no place that would shift what one reads. */
export function OlderNotice({ history }: { history: History }): ReactNode {
  const t = useText()
  const { loadingOlder, olderFailed, retryOlder } = history
  const slow = useSlow(loadingOlder)
  if (!olderFailed && !slow) return null
  return (
    <div className="pointer-events-none absolute inset-x-0 top-2.5 flex justify-center">
      <span className="pointer-events-auto rounded-full bg-raised px-3 py-1.5 text-small text-soft shadow-high ring-1 ring-line">
        {olderFailed ? (
          <>
            {t('chat.olderFailed')}{' '}
            <button
              type="button"
              className="font-medium text-accent-strong hover:underline"
              onClick={retryOlder}
            >
              {t('action.retry')}
            </button>
          </>
        ) : (
          <span className="flex">
            <Spinner label={t('chat.loading')} />
          </span>
        )}
      </span>
    </div>
  )
}
