import type { CustomStatus } from '@nexo-im/protocol'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { useToast } from '../ui/toast.tsx'

/** Seconds from now; 0 = until changed. */
const lives = ['0', '1800', '3600', '14400', '86400', '604800'] as const
type Life = (typeof lives)[number] | 'keep'

/** A line of one's own, with an emoji and an end. */
export function StatusForm({ status }: { status: CustomStatus | undefined }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const [text, setText] = useState(status?.text ?? '')
  const [emoji, setEmoji] = useState(status?.emoji ?? '')
  const end = status?.until
  const [life, setLife] = useState<Life>(end === undefined ? '0' : 'keep')
  const [missing, setMissing] = useState(false)
  const long = [...text.trim()].length > 128

  const set = async (): Promise<void> => {
    const until = life === 'keep' ? end : life === '0' ? undefined : Date.now() + Number(life) * 1000
    const done = await run(() =>
      client.call('user.set_status', {
        text: text.trim(),
        ...(emoji.trim() === '' ? {} : { emoji: emoji.trim() }),
        ...(until === undefined ? {} : { until }),
      }),
    )
    if (done) toast('done', t('settings.status.saved'))
  }
  const clear = async (): Promise<void> => {
    if (await run(() => client.call('user.set_status', {}))) toast('done', t('settings.status.cleared'))
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setMissing(text.trim() === '')
    if (text.trim() !== '' && !long) void set()
  }
  return (
    <form onSubmit={submit} noValidate className="mt-6 border-t border-line pt-5">
      <h4 className="mb-3 font-semibold">{t('settings.status')}</h4>
      <div className="flex gap-3">
        <Field
          label={t('settings.status.emoji')}
          value={emoji}
          autoComplete="off"
          maxLength={16}
          className="w-20 shrink-0 [&_input]:px-2 [&_input]:text-center"
          onChange={(event) => setEmoji(event.target.value)}
        />
        <Field
          label={t('settings.status.text')}
          value={text}
          dir="auto"
          autoComplete="off"
          className="min-w-0 flex-1"
          problem={missing ? t('settings.status.missing') : long ? t('settings.status.long') : undefined}
          onChange={(event) => {
            setText(event.target.value)
            setMissing(false)
          }}
        />
      </div>
      <Until end={end} life={life} onChange={setLife} />
      <div className="mt-4 flex justify-end gap-2">
        {status === undefined ? null : (
          <Button look="quiet" busy={busy} onClick={() => void clear()}>
            {t('settings.status.clear')}
          </Button>
        )}
        <Button type="submit" busy={busy}>
          {t('settings.status.set')}
        </Button>
      </div>
    </form>
  )
}

interface UntilProps {
  /** When the present status ends, Unix ms. */
  end: number | undefined
  life: Life
  onChange: (life: Life) => void
}

function Until({ end, life, onChange }: UntilProps): ReactNode {
  const t = useText()
  const options = lives.map((one) => [one, t(`settings.status.until.${one}`)] as const)
  const keep =
    end === undefined ? [] : [['keep', t('settings.status.keep', { time: shortMoment(end, t) })] as const]
  return (
    <Select<Life>
      label={t('settings.status.until')}
      value={life}
      options={[...keep, ...options]}
      className="mt-3"
      onChange={onChange}
    />
  )
}
