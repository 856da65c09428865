import { errorFromWire, errors } from '@nexo-im/protocol'
import { X } from 'lucide-react'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { mentionsIn } from '../bubbles/mention-marks.ts'
import { previewOf } from '../bubbles/preview.ts'
import { useDesk } from '../chat/desk.ts'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { useToast } from '../ui/toast.tsx'
import { useDraft, useDrafts } from './drafts.ts'
import { useCandidates } from './mention-list.tsx'
import { outgoing, trimmed } from './outgoing.ts'
import { fieldTime, previewed, type ScheduledMessage } from './scheduled.ts'

const hour = 3_600_000
const year = 365 * 86_400_000

/** Sends the written words at a time of one's choice, and shows what waits. */
export function LaterDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const { scheduled, rights } = useDesk()
  return (
    <Dialog title={t('schedule.title')} text={t('schedule.text')} onClose={onClose}>
      {rights.hindrance === undefined ? <LaterForm onClose={onClose} /> : null}
      <h3 className="mt-5 mb-1 text-small font-semibold text-soft">{t('schedule.list')}</h3>
      {scheduled.list.length === 0 ? (
        <p className="text-small text-faint">{t('schedule.none')}</p>
      ) : (
        <ul className="max-h-52 overflow-y-auto">
          {scheduled.list.map((message) => (
            <Waiting key={message.id} message={message} />
          ))}
        </ul>
      )}
    </Dialog>
  )
}

function LaterForm({ onClose }: { onClose: () => void }): ReactNode {
  const t = useText()
  const { place } = useDesk()
  const text = useDraft(place.id)
  const schedule = useSchedule()
  const hintId = useId()
  // The next full hour that is at least half an hour away.
  const [at, setAt] = useState(() => fieldTime(Math.ceil((Date.now() + hour / 2) / hour) * hour))
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const empty = trimmed(text) === ''
  const submit = async (): Promise<void> => {
    const time = new Date(at).getTime()
    if (!(time > Date.now() + 1000)) return setProblem(t('schedule.missing'))
    if (time > Date.now() + year) return setProblem(t('schedule.far'))
    setBusy(true)
    try {
      await schedule(time, text)
      onClose()
    } catch (failure) {
      setProblem(explain(failure, t))
      setBusy(false)
    }
  }
  return (
    <form
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void submit()
      }}
    >
      {empty ? (
        <p id={hintId} className="mb-3 rounded-xl bg-ink/5 px-3 py-2 text-small text-soft">
          {t('schedule.empty')}
        </p>
      ) : (
        <p className="mb-3 line-clamp-3 rounded-xl bg-own px-3 py-2 text-small" dir="auto">
          {trimmed(text)}
        </p>
      )}
      <Field
        label={t('schedule.at')}
        type="datetime-local"
        value={at}
        min={fieldTime(Date.now())}
        problem={problem}
        onChange={(event) => {
          setAt(event.target.value)
          setProblem(undefined)
        }}
      />
      <div className="mt-3 flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" busy={busy} disabled={empty}>
          {t('schedule.send')}
        </Button>
      </div>
    </form>
  )
}

function useSchedule(): (at: number, text: string) => Promise<void> {
  const t = useText()
  const client = useClient()
  const drafts = useDrafts()
  const toast = useToast()
  const people = useCandidates()
  const { place, composing, compose, scheduled } = useDesk()
  return async (at, text) => {
    const replied = composing?.kind === 'reply' ? composing.message : undefined
    const { type, content, mentions } = outgoing(text, replied, mentionsIn(text, people))
    await client.call('message.schedule', {
      at,
      client_msg_id: randomId(),
      ...(place.type === 'group' ? { group_id: place.groupId } : { recv_id: place.peerId }),
      msg_type: type,
      content,
      ...(mentions !== undefined && { mentions: [...mentions] }),
    })
    drafts.set(place.id, '')
    compose(undefined)
    scheduled.reload()
    toast('done', t('schedule.done', { time: shortMoment(at, t) }))
  }
}

/** `crypto.randomUUID` is missing where a page comes over plain http. */
function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

function Waiting({ message }: { message: ScheduledMessage }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { scheduled } = useDesk()
  const line = previewOf(previewed(message), t)
  const cancel = (): void => {
    client
      .call('message.cancel_scheduled', { id: message.id })
      .then(() => toast('done', t('schedule.cancelled')))
      .catch((failure: unknown) => toast('problem', explain(failure, t)))
      .finally(scheduled.reload)
  }
  return (
    <li className="flex items-center gap-2 py-1.5" data-scheduled={message.id}>
      <span className="min-w-0 flex-1">
        <span className="block truncate" dir="auto">
          {line}
        </span>
        <span className={`block text-micro ${message.error === undefined ? 'text-faint' : 'text-danger'}`}>
          {message.error === undefined
            ? shortMoment(message.at, t)
            : t('schedule.failed', { reason: explain(failureNamed(message.error), t) })}
        </span>
      </span>
      <IconButton label={t('schedule.cancel', { text: line.slice(0, 40) })} onClick={cancel}>
        <X size={17} />
      </IconButton>
    </li>
  )
}

/** The server tells the name of what went wrong at its time. */
function failureNamed(name: string): Error {
  const row = Object.hasOwn(errors, name) ? errors[name as keyof typeof errors] : errors.send_failed
  return errorFromWire(row.code, row.http, undefined, { error: name })
}
