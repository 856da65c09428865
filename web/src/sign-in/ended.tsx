import type { ReactNode } from 'react'
import { type TextKey, useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Stage } from './stage.tsx'

const words: Partial<Record<string, TextKey>> = {
  login: 'ended.login',
  unauthorized: 'ended.login',
  logout: 'ended.logout',
  revoked: 'ended.revoked',
  expired: 'ended.expired',
  token_expired: 'ended.expired',
  token_invalid: 'ended.expired',
  banned: 'error.banned',
}

/** @param reason as the connection told it: the reason of a kick, or the name of an error */
export function Ended({ reason, onAgain }: { reason: string; onAgain: () => void }): ReactNode {
  const t = useText()
  return (
    <Stage>
      <div data-testid="ended" data-reason={reason}>
        <h1 className="text-display font-semibold tracking-tight">{t('ended.title')}</h1>
        <p className="mt-2 mb-7 text-soft">{t(words[reason] ?? 'ended.other')}</p>
        <Button className="w-full" onClick={onAgain}>
          {t('ended.again')}
        </Button>
      </div>
    </Stage>
  )
}
