import { type Group, groupConversationId } from '@nexo-im/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { explain, isKind } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { openConversation, useInvitation } from '../route.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { useToast } from '../ui/toast.tsx'

/** Shows where an invite link leads, when one was followed. */
export function Invitation(): ReactNode {
  const token = useInvitation()
  return token === undefined ? null : <InvitationDialog key={token} token={token} />
}

function InvitationDialog({ token }: { token: string }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [group, setGroup] = useState<Group | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const slow = useSlow(group === undefined && failure === undefined)
  useEffect(() => {
    client.call('group.link_info', { token }).then(setGroup, setFailure)
  }, [client, token])
  const close = (): void => openConversation(undefined)
  const join = (): void =>
    void run(async () => {
      try {
        const joined = await client.call('group.join_by_link', { token })
        toast('done', t('group.joined', { name: joined.name }))
      } catch (refusal) {
        if (!isKind(refusal, 'already_member')) throw refusal
      }
      if (group) openConversation(groupConversationId(group.id))
    })
  return (
    <Dialog title={t('join.title')} {...(group ? { text: t('join.text') } : {})} onClose={close}>
      {slow ? <Spinner label={t('app.loading')} /> : null}
      {failure === undefined ? null : (
        <p role="alert" className="text-danger!">
          {explain(failure, t)}
        </p>
      )}
      {group === undefined ? null : (
        <div className="flex flex-col items-center text-center">
          <Avatar id={group.id} name={group.name} size={72} group />
          <p className="mt-3 text-title font-semibold [overflow-wrap:anywhere]" dir="auto">
            {group.name}
          </p>
          <p className="text-small text-faint">{t.count('join.members', group.member_count)}</p>
          {group.introduction === '' ? null : (
            <p className="mt-2 text-small text-soft [overflow-wrap:anywhere]" dir="auto">
              {group.introduction}
            </p>
          )}
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button look="quiet" onClick={close}>
          {t(group === undefined ? 'action.close' : 'action.cancel')}
        </Button>
        {group === undefined ? null : (
          <Button busy={busy} onClick={join}>
            {t('join.join')}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
