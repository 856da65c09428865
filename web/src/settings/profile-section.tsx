import { useUser } from '@nexo-im/client/react'
import type { User } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { CopyableId } from '../ui/copy.tsx'
import { Field } from '../ui/field.tsx'
import { useToast } from '../ui/toast.tsx'
import { StatusForm } from './status-form.tsx'

export function ProfileSection(): ReactNode {
  const user = useUser(useClient(), useOwnId())
  // The own record comes with signing in: there is no moment worth a wheel.
  if (user === undefined) return null
  return (
    <>
      <ProfileForm user={user} />
      <StatusForm key={JSON.stringify(user.status)} status={user.status} />
    </>
  )
}

const characters = (text: string): number => [...text].length

function ProfileForm({ user }: { user: User }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [nickname, setNickname] = useState(user.nickname)
  const [avatar, setAvatar] = useState(user.avatar)
  const problems = {
    nickname: characters(nickname.trim()) > 128 ? t('sign.nickname.long') : undefined,
    avatar: characters(avatar.trim()) > 512 ? t('settings.profile.avatar.long') : undefined,
  }
  const save = async (): Promise<void> => {
    const profile = { nickname: nickname.trim(), avatar: avatar.trim() }
    if (await run(() => client.call('user.update', profile))) toast('done', t('settings.profile.saved'))
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (problems.nickname === undefined && problems.avatar === undefined) void save()
  }
  const same = nickname.trim() === user.nickname && avatar.trim() === user.avatar
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <div className="flex items-center gap-4">
        <Avatar id={user.user_id} name={user.nickname || user.user_id} size={60} />
        <div className="min-w-0">
          <p className="truncate text-title font-semibold" dir="auto">
            {user.nickname || user.user_id}
          </p>
          <CopyableId id={user.user_id} className="text-small" />
        </div>
      </div>
      <Field
        label={t('sign.nickname')}
        value={nickname}
        dir="auto"
        autoComplete="nickname"
        placeholder={user.user_id}
        hint={t('sign.nickname.hint')}
        problem={problems.nickname}
        onChange={(event) => setNickname(event.target.value)}
      />
      <Field
        label={t('settings.profile.avatar')}
        value={avatar}
        inputMode="url"
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        hint={t('settings.profile.avatar.hint')}
        problem={problems.avatar}
        onChange={(event) => setAvatar(event.target.value)}
      />
      <Button type="submit" busy={busy} disabled={same} className="self-end">
        {t('action.save')}
      </Button>
    </form>
  )
}
