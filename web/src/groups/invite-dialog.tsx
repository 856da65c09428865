import { errors, ImError, type Output } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { type Text, useText } from '../i18n/index.ts'
import { FriendPicker } from '../people/friend-picker.tsx'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useToast } from '../ui/toast.tsx'
import type { GroupState } from './group.ts'
import { IdChips } from './id-chips.tsx'

interface Props {
  groupId: string
  group: GroupState
  onClose: () => void
}

/** Brings friends and others in; says of each who was refused why. */
export function InviteDialog({ groupId, group, onClose }: Props): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [friends, setFriends] = useState<readonly string[]>([])
  const [ids, setIds] = useState<readonly string[]>([])
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [refused, setRefused] = useState<readonly string[]>([])

  const invite = (): Promise<unknown> =>
    run(async () => {
      const user_ids = [...new Set([...friends, ...ids])]
      const answer = await client.call('group.invite', { group_id: groupId, user_ids })
      for (const words of outcome(answer, t)) toast('done', words)
      if (answer.refused.length === 0) return onClose()
      setFriends([])
      setIds(answer.refused.map((one) => one.user_id))
      setRefused(answer.refused.map((one) => one.user_id))
      setProblem(answer.refused.map((one) => refusal(one, t)).join(' '))
    })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (friends.length + ids.length === 0) return setProblem(t('group.invite.nobody'))
    void invite()
  }
  return (
    <Dialog title={t('group.invite')} text={t('group.invite.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <FriendPicker
          chosen={friends}
          without={group.members.map((member) => member.user_id)}
          onChange={(next) => {
            setFriends(next)
            setProblem(undefined)
          }}
        />
        <IdChips
          ids={ids}
          unknown={refused}
          problem={problem}
          label={t('group.invite.ids')}
          hint={t('group.invite.ids.hint')}
          onChange={(next) => {
            setIds(next)
            setProblem(undefined)
          }}
        />
        <div className="mt-5 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('group.invite.send')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

type Answer = Output<'group.invite'>

function outcome({ joined, applied }: Answer, t: Text): string[] {
  return [
    ...(joined.length === 0 ? [] : [t.count('group.invite.joined', joined.length)]),
    ...(applied.length === 0 ? [] : [t.count('group.invite.applied', applied.length)]),
  ]
}

function refusal({ user_id: id, error }: Answer['refused'][number], t: Text): string {
  const kind = Object.hasOwn(errors, error) ? (error as keyof typeof errors) : 'forbidden'
  return t('group.invite.refused', { id, reason: explain(new ImError(kind), t) })
}
