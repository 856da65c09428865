import type { ReactNode } from 'react'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'

/** What stands where something is still to come, or why it does not. */
export function Loading({ failure, onRetry }: { failure: unknown; onRetry?: () => void }): ReactNode {
  const t = useText()
  const slow = useSlow(failure === undefined)
  if (failure === undefined) return slow ? <Spinner label={t('settings.loading')} /> : null
  return (
    <div role="alert" className="flex flex-col items-start gap-3 text-small text-danger">
      <p>
        {t('settings.failed')} {explain(failure, t)}
      </p>
      {onRetry === undefined ? null : (
        <Button look="quiet" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  )
}
