import type { ReactNode } from 'react'
import { useDesk } from '../chat/desk.ts'
import type { Hindrance } from '../chat/rights.ts'
import { SelectionBar } from '../chat/selection-bar.tsx'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { explain } from '../failures.ts'
import { type Text, useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { useToast } from '../ui/toast.tsx'
import { Writer } from './writer.tsx'

/** Below the messages: where one writes, why one cannot, or what to do with what is selected. */
export function Composer(): ReactNode {
  const { selected, rights } = useDesk()
  if (selected !== undefined) return <SelectionBar selected={selected} />
  return rights.hindrance === undefined ? <Writer /> : <Barred hindrance={rights.hindrance} />
}

function Barred({ hindrance }: { hindrance: Hindrance }): ReactNode {
  const t = useText()
  return (
    <div
      className="flex shrink-0 flex-wrap items-center justify-center gap-3 border-t border-line px-6 py-4 text-center text-small text-soft"
      data-testid="barred"
    >
      <p role="status">{reasonOf(hindrance, t)}</p>
      {hindrance.reason === 'blocked' ? <Unblock /> : null}
    </div>
  )
}

function reasonOf(hindrance: Hindrance, t: Text): string {
  if ('until' in hindrance)
    return t(`error.${hindrance.reason}.until`, { time: shortMoment(hindrance.until, t) })
  return t(`composer.${hindrance.reason}`)
}

function Unblock(): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { place } = useDesk()
  const unblock = (): void => {
    client
      .call('block.remove', { user_id: place.peerId })
      .catch((failure: unknown) => toast('problem', explain(failure, t)))
  }
  return (
    <Button look="quiet" onClick={unblock}>
      {t('composer.unblock')}
    </Button>
  )
}
