import { type Output, roles } from '@nexo-im/protocol'
import { History, Megaphone, PencilLine } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { useName } from '../people/names.ts'
import { useAction } from '../ui/action.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { TextArea } from '../ui/text-area.tsx'
import { useToast } from '../ui/toast.tsx'
import type { GroupState } from './group.ts'

type Announced = Output<'group.announcements'>['list'][number]

/** What the admins want everybody to know. */
export function AnnouncementCard({ groupId, group }: { groupId: string; group: GroupState }): ReactNode {
  const t = useText()
  const [open, setOpen] = useState<'edit' | 'history' | undefined>(undefined)
  const { record } = group
  const text = record?.announcement ?? ''
  const mayEdit = group.role >= roles.admin && !group.dissolved
  if (group.role === 0) return null
  const close = (): void => setOpen(undefined)
  return (
    <section className="mt-3 rounded-2xl bg-ink/4 py-2 ps-4 pe-2">
      <div className="flex items-center gap-1">
        <Megaphone size={15} className="shrink-0 text-soft" aria-hidden="true" />
        <h3 className="ms-1.5 flex-1 text-small font-semibold text-soft">{t('group.announcement')}</h3>
        <IconButton label={t('group.announcement.history')} onClick={() => setOpen('history')}>
          <History size={15} />
        </IconButton>
        {mayEdit ? (
          <IconButton label={t('group.announcement.edit')} onClick={() => setOpen('edit')}>
            <PencilLine size={15} />
          </IconButton>
        ) : null}
      </div>
      <p
        className={`pe-2 pb-1 whitespace-pre-wrap [overflow-wrap:anywhere] ${text === '' ? 'text-small text-faint' : ''}`}
        dir="auto"
      >
        {text || t('group.announcement.none')}
      </p>
      {text !== '' && record?.announced_at ? (
        <p className="pb-1 text-micro text-faint">{shortMoment(record.announced_at, t)}</p>
      ) : null}
      {open === 'edit' ? <AnnounceDialog groupId={groupId} present={text} onClose={close} /> : null}
      {open === 'history' ? <AnnouncementHistory groupId={groupId} onClose={close} /> : null}
    </section>
  )
}

interface AnnounceProps {
  groupId: string
  present: string
  onClose: () => void
}

function AnnounceDialog({ groupId, present, onClose }: AnnounceProps): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [text, setText] = useState(present)
  const long = [...text.trim()].length > 2000
  const announce = async (words: string): Promise<void> => {
    if (!(await run(() => client.call('group.announce', { group_id: groupId, text: words })))) return
    toast('done', t(words === '' ? 'group.announcement.taken' : 'group.announcement.saved'))
    onClose()
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!long) void announce(text.trim())
  }
  return (
    <Dialog title={t('group.announcement')} text={t('group.announcement.text')} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <TextArea
          label={t('group.announcement.words')}
          value={text}
          rows={5}
          problem={long ? t('group.announcement.long') : undefined}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          {present === '' ? null : (
            <Button
              look="quiet"
              busy={busy}
              className="me-auto text-danger!"
              onClick={() => void announce('')}
            >
              {t('group.announcement.down')}
            </Button>
          )}
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy} disabled={text.trim() === '' && present === ''}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function AnnouncementHistory({ groupId, onClose }: { groupId: string; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const [list, setList] = useState<readonly Announced[] | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const slow = useSlow(list === undefined && failure === undefined)
  useEffect(() => {
    client
      .call('group.announcements', { group_id: groupId, limit: 100 })
      .then((page) => setList(page.list.toReversed()), setFailure)
  }, [client, groupId])
  return (
    <Dialog title={t('group.announcement.history')} onClose={onClose}>
      {failure === undefined ? null : (
        <p role="alert" className="text-small text-danger">
          {explain(failure, t)}
        </p>
      )}
      {slow ? <Spinner label={t('app.loading')} /> : null}
      {list?.length === 0 ? <p className="text-small text-soft">{t('group.announcement.none')}</p> : null}
      <ul className="flex max-h-96 flex-col gap-2 overflow-y-auto">
        {list?.map((one) => (
          <Earlier key={`${one.at} ${one.by}`} announced={one} />
        ))}
      </ul>
    </Dialog>
  )
}

function Earlier({ announced }: { announced: Announced }): ReactNode {
  const t = useText()
  const name = useName(announced.by)
  return (
    <li className="rounded-2xl bg-ink/4 px-4 py-3">
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]" dir="auto">
        {announced.text}
      </p>
      <p className="mt-1 text-micro text-faint">
        {t('group.announcement.by', { name, time: shortMoment(announced.at, t) })}
      </p>
    </li>
  )
}
