import { type ReactNode, useState } from 'react'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { useToast } from './toast.tsx'

interface ConfirmProps {
  title: string
  text: string
  /** What the button does, as a verb. */
  action: string
  /** Stays open and says why when it rejects. */
  onConfirm: () => Promise<void>
  onClose: () => void
}

/** Asked before what cannot be undone. */
export function Confirm({ title, text, action, onConfirm, onClose }: ConfirmProps): ReactNode {
  const t = useText()
  const toast = useToast()
  const [busy, setBusy] = useState(false)
  const confirm = async (): Promise<void> => {
    setBusy(true)
    try {
      await onConfirm()
      onClose()
    } catch (failure) {
      toast('problem', explain(failure, t))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} text={text} onClose={onClose}>
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button look="danger" busy={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
