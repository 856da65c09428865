import { groupConversationId } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { explain, isKind } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { openConversation } from '../route.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { TextArea } from '../ui/text-area.tsx'
import { useToast } from '../ui/toast.tsx'

/** Joins an open group by its id; where an admin decides, it goes on to an application. */
export function JoinGroupDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const [id, setId] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const [applying, setApplying] = useState<{ groupId: string; name: string } | undefined>(undefined)

  const refused = async (groupId: string, failure: unknown): Promise<void> => {
    if (isKind(failure, 'already_member')) {
      // Whoever is in it already wanted to get there.
      onClose()
      return openConversation(groupConversationId(groupId))
    }
    if (!isKind(failure, 'join_by_approval')) return setProblem(explain(failure, t))
    const group = await client.call('group.info', { group_id: groupId }).catch(() => undefined)
    setApplying({ groupId, name: group?.name ?? groupId })
  }
  const join = async (): Promise<void> => {
    const groupId = id.trim()
    if (groupId === '') return setProblem(t('group.join.missing'))
    setBusy(true)
    try {
      await client.call('group.join', { group_id: groupId })
      const group = await client.call('group.info', { group_id: groupId })
      toast('done', t('group.joined', { name: group.name }))
      onClose()
      openConversation(groupConversationId(groupId))
    } catch (failure) {
      setBusy(false)
      await refused(groupId, failure)
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void join()
  }
  if (applying !== undefined) return <ApplyDialog {...applying} onClose={onClose} />
  return (
    <Dialog title={t('group.join')} text={t('group.join.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field
          label={t('group.join.id')}
          value={id}
          inputMode="numeric"
          autoComplete="off"
          problem={problem}
          onChange={(event) => {
            setId(event.target.value)
            setProblem(undefined)
          }}
        />
        <div className="mt-3 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('group.join.open')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface ApplyProps {
  groupId: string
  name: string
  onClose: () => void
}

function ApplyDialog({ groupId, name, onClose }: ApplyProps): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [message, setMessage] = useState('')
  const [waits, setWaits] = useState(false)
  const apply = async (): Promise<void> => {
    const applied = await run(async () => {
      try {
        await client.call('group.apply', { group_id: groupId, message: message.trim() })
      } catch (failure) {
        if (!isKind(failure, 'already_applied')) throw failure
      }
    })
    if (applied) setWaits(true)
  }
  const withdraw = async (): Promise<void> => {
    if (!(await run(() => client.call('group.withdraw', { group_id: groupId })))) return
    toast('done', t('group.apply.withdrawn'))
    onClose()
  }
  if (waits) {
    return (
      <Dialog title={name} text={t('group.apply.sent')} onClose={onClose}>
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="quiet" busy={busy} onClick={() => void withdraw()}>
            {t('group.apply.withdraw')}
          </Button>
          <Button onClick={onClose}>{t('action.done')}</Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={t('group.join')} text={t('group.apply.text', { name })} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void apply()
        }}
      >
        <TextArea
          label={t('group.apply.message')}
          value={message}
          maxLength={512}
          onChange={(event) => setMessage(event.target.value)}
        />
        <div className="mt-4 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('group.apply.send')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
