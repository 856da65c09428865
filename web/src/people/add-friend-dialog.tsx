import type { User } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Avatar } from './avatar.tsx'
import { usePersonActions } from './person-actions.ts'
import { useRelation, useRequestWith } from './relations.ts'

/** Finds people by their exact id or nickname and asks them. */
export function AddFriendDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const { busy, run } = useAction()
  const [query, setQuery] = useState('')
  const [message, setMessage] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [found, setFound] = useState<readonly User[] | undefined>(undefined)

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const wanted = query.trim()
    if (wanted === '') return setProblem(t('friends.add.missing'))
    void run(async () => {
      const users = await client.call('user.search', { query: wanted })
      const others = users.filter((user) => user.user_id !== ownId)
      setFound(others)
      setProblem(others.length === 0 ? t('friends.add.none') : undefined)
    })
  }
  return (
    <Dialog title={t('friends.add.title')} text={t('friends.add.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex items-start gap-2">
        <Field
          label={t('friends.add.query')}
          value={query}
          dir="auto"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          className="min-w-0 flex-1"
          problem={problem}
          onChange={(event) => {
            setQuery(event.target.value)
            setProblem(undefined)
          }}
        />
        <Button type="submit" busy={busy} className="mt-[1.55rem] h-11 shrink-0">
          {t('friends.add.search')}
        </Button>
      </form>
      {found === undefined || found.length === 0 ? null : (
        <>
          <Field
            label={t('friends.add.message')}
            value={message}
            dir="auto"
            autoComplete="off"
            maxLength={512}
            className="mt-4"
            onChange={(event) => setMessage(event.target.value)}
          />
          <ul aria-label={t('friends.add.results')} className="-mx-2 mt-3 max-h-72 overflow-y-auto">
            {found.map((user) => (
              <Found key={user.user_id} user={user} message={message.trim()} />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  )
}

function Found({ user, message }: { user: User; message: string }): ReactNode {
  const t = useText()
  const { user_id: id } = user
  const actions = usePersonActions(id)
  const relation = useRelation(id)
  const { incoming, outgoing } = useRequestWith(id)
  const [sent, setSent] = useState(false)
  const name = relation?.remark || user.nickname || id
  return (
    <li className="flex items-center gap-3 rounded-2xl px-2 py-2">
      <Avatar id={id} name={name} size={40} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-left font-medium" dir="auto">
          {name}
        </p>
        <p className="truncate text-small text-faint">{id}</p>
      </div>
      {relation?.is_friend === true ? (
        <span className="text-small text-faint">{t('friends.is')}</span>
      ) : outgoing !== undefined || sent ? (
        <span className="text-small text-faint">{t('friends.waiting')}</span>
      ) : (
        <Button busy={actions.busy} onClick={() => void actions.request(message).then(setSent)}>
          {incoming === undefined ? t('friends.add.send') : t('friends.accept')}
        </Button>
      )}
    </li>
  )
}
