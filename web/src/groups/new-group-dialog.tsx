import type { Client } from '@nexo-im/client'
import { groupConversationId } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { FriendPicker } from '../people/friend-picker.tsx'
import { fetchNames } from '../people/names.ts'
import { openConversation } from '../route.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { useToast } from '../ui/toast.tsx'
import { IdChips } from './id-chips.tsx'

interface Problems {
  readonly name?: string
  readonly members?: string
  readonly unknown: readonly string[]
}

const none: Problems = { unknown: [] }

export function NewGroupDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const toast = useToast()
  const [name, setName] = useState('')
  const [ids, setIds] = useState<readonly string[]>([])
  const [friends, setFriends] = useState<readonly string[]>([])
  const [problems, setProblems] = useState(none)
  const [busy, setBusy] = useState(false)

  const create = async (): Promise<void> => {
    const wanted = name.trim()
    if (wanted === '') return setProblems({ ...none, name: t('new.group.name.missing') })
    if ([...wanted].length > 128) return setProblems({ ...none, name: t('new.group.name.long') })
    const typed = ids.filter((id) => id !== ownId)
    setBusy(true)
    try {
      const unknown = await unknownAmong(client, typed)
      if (unknown.length > 0) {
        const words = t.count('new.group.unknown', unknown.length, { ids: unknown.join(', ') })
        return setProblems({ members: words, unknown })
      }
      const members = [...new Set([...friends, ...typed])]
      const group = await client.call('group.create', { name: wanted, member_ids: members })
      onClose()
      openConversation(groupConversationId(group.id))
    } catch (failure) {
      toast('problem', explain(failure, t))
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void create()
  }
  return (
    <Dialog title={t('new.group')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field
          label={t('new.group.name')}
          value={name}
          dir="auto"
          className="mb-4"
          problem={problems.name}
          onChange={(event) => {
            setName(event.target.value)
            setProblems(none)
          }}
        />
        <FriendPicker chosen={friends} without={[]} onChange={setFriends} />
        <IdChips
          ids={ids}
          unknown={problems.unknown}
          problem={problems.members}
          onChange={(next) => {
            setIds(next)
            setProblems(none)
          }}
        />
        <div className="mt-5 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('new.group.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** The server refuses a whole group for one unknown id without saying which: so ask for all of them first. */
async function unknownAmong(client: Client, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const known = await fetchNames(client, ids)
  return ids.filter((id) => !known.has(id))
}
