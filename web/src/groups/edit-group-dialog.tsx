import type { Group } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { TextArea } from '../ui/text-area.tsx'
import { useToast } from '../ui/toast.tsx'

const characters = (text: string): number => [...text].length

/** Name, picture and introduction. */
export function EditGroupDialog({ record, onClose }: { record: Group; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [name, setName] = useState(record.name)
  const [avatar, setAvatar] = useState(record.avatar)
  const [introduction, setIntroduction] = useState(record.introduction)
  const problems = {
    name:
      name.trim() === ''
        ? t('new.group.name.missing')
        : characters(name.trim()) > 128
          ? t('new.group.name.long')
          : undefined,
    avatar: characters(avatar.trim()) > 512 ? t('settings.profile.avatar.long') : undefined,
    introduction: characters(introduction.trim()) > 512 ? t('group.edit.introduction.long') : undefined,
  }
  const save = async (): Promise<void> => {
    const changed = {
      group_id: record.id,
      name: name.trim(),
      avatar: avatar.trim(),
      introduction: introduction.trim(),
    }
    if (!(await run(() => client.call('group.update', changed)))) return
    toast('done', t('group.edit.saved'))
    onClose()
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (Object.values(problems).every((problem) => problem === undefined)) void save()
  }
  return (
    <Dialog title={t('group.edit')} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field
          label={t('new.group.name')}
          value={name}
          dir="auto"
          autoComplete="off"
          problem={problems.name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t('group.edit.avatar')}
          value={avatar}
          inputMode="url"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          hint={t('settings.profile.avatar.hint')}
          problem={problems.avatar}
          onChange={(event) => setAvatar(event.target.value)}
        />
        <TextArea
          label={t('group.edit.introduction')}
          value={introduction}
          problem={problems.introduction}
          onChange={(event) => setIntroduction(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
