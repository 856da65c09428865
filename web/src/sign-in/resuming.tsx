import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Logo } from '../ui/logo.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'

interface Props {
  unreachable: boolean
  onRetry: () => void
  onOther: () => void
}

/** Between opening the page and knowing whether the kept session still stands. */
export function Resuming({ unreachable, onRetry, onOther }: Props): ReactNode {
  const t = useText()
  const slow = useSlow(true)
  return (
    <main className="grid h-full place-items-center p-6">
      <div className="flex max-w-xs flex-col items-center gap-4 text-center">
        <Logo size={52} />
        {slow ? <Spinner size={22} label={t('app.loading')} /> : <span className="h-[22px]" />}
        {unreachable ? (
          <>
            <p className="text-soft" role="status">
              {t('boot.waiting')}
            </p>
            <div className="flex flex-wrap justify-center gap-2">
              <Button onClick={onRetry}>{t('boot.retry')}</Button>
              <Button look="quiet" onClick={onOther}>
                {t('boot.signOut')}
              </Button>
            </div>
          </>
        ) : null}
      </div>
    </main>
  )
}
