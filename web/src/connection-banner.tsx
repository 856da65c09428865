import type { ConnectionStatus } from '@nexo-im/client'
import { useStatus } from '@nexo-im/client/react'
import { WifiOff } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from './client.ts'
import { useNow } from './dates.ts'
import { type Text, useText } from './i18n/index.ts'
import { Spinner } from './ui/spinner.tsx'

/** Short breaks mend themselves before anybody needs to know. */
const patienceMs = 800

/** Says that one is not connected, why, and when that may change. */
export function ConnectionBanner(): ReactNode {
  const t = useText()
  const client = useClient()
  const status = useStatus(client)
  const troubled = status.state === 'connecting' || status.state === 'waiting' || status.state === 'offline'
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!troubled) {
      setShown(false)
      return
    }
    const timer = setTimeout(() => setShown(true), patienceMs)
    return () => clearTimeout(timer)
  }, [troubled])
  const now = useNow(shown && status.state === 'waiting' ? 500 : undefined)
  if (!shown || !troubled) return null
  return (
    <div
      data-testid="banner"
      data-state={status.state}
      className="flex min-h-10 shrink-0 flex-wrap items-center justify-center gap-x-3 gap-y-1 bg-spark px-4 py-1.5
        text-small font-medium text-on-spark [&_.spin]:text-on-spark"
    >
      {status.state === 'offline' ? <WifiOff size={16} aria-hidden="true" /> : <Spinner size={15} />}
      <span role="status">{words(status, now, t)}</span>
      {status.state === 'waiting' ? (
        <button
          type="button"
          className="rounded-lg bg-on-spark/12 px-2.5 py-0.5 hover:bg-on-spark/20"
          onClick={() => void client.connect().catch(() => undefined)}
        >
          {t('banner.retry')}
        </button>
      ) : null}
    </div>
  )
}

function words(status: ConnectionStatus, now: number, t: Text): string {
  if (status.state === 'offline') return t('banner.offline')
  if (status.state === 'connecting') return status.attempt > 1 ? t('banner.trying') : t('banner.connecting')
  const seconds = Math.ceil(((status.retryAt ?? now) - now) / 1000)
  return seconds > 0 ? t('banner.waiting', { seconds }) : t('banner.trying')
}
