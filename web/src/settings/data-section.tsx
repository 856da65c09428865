import { Download } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { useToast } from '../ui/toast.tsx'
import { DeleteAccountDialog } from './delete-account-dialog.tsx'
import { exportAccount, saveAs } from './export.ts'

/** Taking one's data along, and leaving for good. */
export function DataSection(): ReactNode {
  const t = useText()
  const [deleting, setDeleting] = useState(false)
  return (
    <>
      <Export />
      <div className="mt-6 border-t border-line pt-5">
        <h4 className="font-semibold">{t('settings.delete')}</h4>
        <p className="mt-1 mb-3 text-small text-soft">{t('settings.delete.text')}</p>
        <Button look="quiet" className="text-danger!" onClick={() => setDeleting(true)}>
          {t('settings.delete')}
        </Button>
      </div>
      {deleting ? <DeleteAccountDialog onClose={() => setDeleting(false)} /> : null}
    </>
  )
}

function Export(): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const toast = useToast()
  /** How many documents have come; undefined while nothing runs. */
  const [count, setCount] = useState<number | undefined>(undefined)
  const wanted = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => wanted.current?.abort(), [])

  const run = async (): Promise<void> => {
    const abort = new AbortController()
    wanted.current = abort
    setCount(0)
    try {
      const documents = await exportAccount(
        (cursor) => client.call('account.export', cursor),
        setCount,
        abort.signal,
      )
      const day = new Date().toISOString().slice(0, 10)
      saveAs(`nexo-${ownId}-${day}.json`, JSON.stringify(documents, undefined, 2))
      toast('done', t('settings.export.done', { count: documents.length }))
    } catch (failure) {
      if (!abort.signal.aborted) toast('problem', explain(failure, t))
    }
    setCount(undefined)
  }
  return (
    <div>
      <h4 className="font-semibold">{t('settings.export')}</h4>
      <p className="mt-1 mb-3 text-small text-soft">{t('settings.export.text')}</p>
      <div className="flex items-center gap-3">
        <Button look="quiet" busy={count !== undefined} onClick={() => void run()}>
          <Download size={16} aria-hidden="true" />
          {t('settings.export.start')}
        </Button>
        <span role="status" className="text-small text-soft tabular-nums">
          {count === undefined ? '' : t('settings.export.running', { count })}
        </span>
      </div>
    </div>
  )
}
