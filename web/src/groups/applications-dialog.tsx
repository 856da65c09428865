import type { Application } from '@nexo-im/protocol'
import { Check, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { useName } from '../people/names.ts'
import { useAction } from '../ui/action.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { useToast } from '../ui/toast.tsx'
import { useApplications } from './applications.ts'

/** Admins decide here who gets in. */
export function ApplicationsDialog({
  groupId,
  onClose,
}: {
  groupId: string
  onClose: () => void
}): ReactNode {
  const t = useText()
  const { list, failure } = useApplications(groupId, true)
  const slow = useSlow(list === undefined && failure === undefined)
  return (
    <Dialog title={t('group.applications')} onClose={onClose}>
      {failure === undefined ? null : (
        <p role="alert" className="text-small text-danger">
          {explain(failure, t)}
        </p>
      )}
      {slow ? <Spinner label={t('app.loading')} /> : null}
      {list?.length === 0 ? <p className="text-small text-soft">{t('group.applications.none')}</p> : null}
      <ul className="-mx-2 max-h-96 overflow-y-auto">
        {list?.map((one) => (
          <ApplicationRow key={one.user_id} application={one} />
        ))}
      </ul>
    </Dialog>
  )
}

function ApplicationRow({ application }: { application: Application }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const { user_id, group_id, message, inviter_user_id: inviter } = application
  const name = useName(user_id)
  const inviterName = useName(inviter)
  const answer = async (way: 'accept' | 'reject'): Promise<void> => {
    if (!(await run(() => client.call(`group.${way}`, { group_id, user_id })))) return
    toast(
      'done',
      t(way === 'accept' ? 'group.applications.accepted' : 'group.applications.rejected', { name }),
    )
  }
  const round = 'grid size-9 shrink-0 place-items-center rounded-full disabled:opacity-60'
  return (
    <li className="flex items-center gap-3 rounded-2xl px-2 py-2">
      <Avatar id={user_id} name={name} size={40} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-left font-medium" dir="auto">
          {name}
        </p>
        <p className="text-small text-soft [overflow-wrap:anywhere]" dir="auto">
          {inviter === '' ? message || user_id : t('group.applications.by', { name: inviterName })}
        </p>
      </div>
      <button
        type="button"
        disabled={busy}
        aria-label={t('group.applications.accept', { name })}
        title={t('friends.accept')}
        onClick={() => void answer('accept')}
        className={`${round} bg-accent text-on-accent hover:bg-accent-strong`}
      >
        <Check size={18} aria-hidden="true" />
      </button>
      <button
        type="button"
        disabled={busy}
        aria-label={t('group.applications.reject', { name })}
        title={t('friends.reject')}
        onClick={() => void answer('reject')}
        className={`${round} bg-ink/6 hover:bg-ink/10`}
      >
        <X size={18} aria-hidden="true" />
      </button>
    </li>
  )
}
