import type { InviteLink } from '@nexo-im/protocol'
import { Copy, Trash2 } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { explain } from '../failures.ts'
import { type Text, useText } from '../i18n/index.ts'
import { invitationAddress } from '../route.ts'
import { useAction } from '../ui/action.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { copyText } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Select } from '../ui/select.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { useToast } from '../ui/toast.tsx'

/** Seconds. */
const lives = ['604800', '86400', '3600', '0'] as const
const uses = ['0', '1', '10', '100'] as const

/** Links that let in whoever has them. */
export function InviteLinksDialog({ groupId, onClose }: { groupId: string; onClose: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const creating = useAction()
  const [links, setLinks] = useState<readonly InviteLink[] | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const [life, setLife] = useState<(typeof lives)[number]>('604800')
  const [most, setMost] = useState<(typeof uses)[number]>('0')
  const slow = useSlow(links === undefined && failure === undefined)
  useEffect(() => {
    client.call('group.links', { group_id: groupId }).then(setLinks, setFailure)
  }, [client, groupId])

  const create = (): void =>
    void creating.run(async () => {
      const link = await client.call('group.create_link', {
        group_id: groupId,
        expires_in: Number(life),
        max_uses: Number(most),
      })
      setLinks((now) => [link, ...(now ?? [])])
    })
  const copy = async ({ token }: InviteLink): Promise<void> => {
    const address = invitationAddress(token)
    const copied = await copyText(address)
    toast(copied ? 'done' : 'problem', copied ? t('group.links.copied') : `${t('copy.failed')} ${address}`)
  }
  return (
    <Dialog title={t('group.links')} text={t('group.links.text')} onClose={onClose}>
      <div className="grid grid-cols-2 gap-3">
        <Select
          label={t('group.links.expires')}
          value={life}
          options={lives.map((one) => [one, t(`group.links.expires.${one}`)])}
          onChange={setLife}
        />
        <Select
          label={t('group.links.uses')}
          value={most}
          options={uses.map((one) => [one, t(`group.links.uses.${one}`)])}
          onChange={setMost}
        />
      </div>
      <Button className="mt-3 w-full" busy={creating.busy} onClick={create}>
        {t('group.links.create')}
      </Button>
      {failure === undefined ? null : (
        <p role="alert" className="mt-4 text-small text-danger">
          {explain(failure, t)}
        </p>
      )}
      {slow ? <Spinner label={t('app.loading')} /> : null}
      {links?.length === 0 ? (
        <p className="mt-4 text-small text-soft">{t('group.links.none')}</p>
      ) : (
        <ul className="mt-4 flex max-h-72 flex-col gap-1.5 overflow-y-auto">
          {links?.map((link) => (
            <LinkRow
              key={link.token}
              link={link}
              onCopy={() => void copy(link)}
              onRevoked={() => setLinks((now) => now?.filter((other) => other.token !== link.token))}
            />
          ))}
        </ul>
      )}
    </Dialog>
  )
}

interface RowProps {
  link: InviteLink
  onCopy: () => void
  onRevoked: () => void
}

function LinkRow({ link, onCopy, onRevoked }: RowProps): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const revoke = async (): Promise<void> => {
    const input = { group_id: link.group_id, token: link.token }
    if (!(await run(() => client.call('group.revoke_link', input)))) return
    toast('done', t('group.links.revoked'))
    onRevoked()
  }
  return (
    <li data-link={link.token} className="flex items-center gap-1 rounded-2xl bg-ink/4 py-2 ps-4 pe-2">
      <span className="min-w-0 flex-1">
        <span className="block truncate text-small tabular-nums" data-testid="link">
          {invitationAddress(link.token)}
        </span>
        <span className="block text-micro text-faint">{terms(link, t)}</span>
      </span>
      <IconButton label={t('group.links.copy')} onClick={onCopy}>
        <Copy size={16} />
      </IconButton>
      <IconButton label={t('group.links.revoke')} disabled={busy} onClick={() => void revoke()}>
        <Trash2 size={16} />
      </IconButton>
    </li>
  )
}

function terms({ uses: used, max_uses: max, expires_at: expires }: InviteLink, t: Text): string {
  const count =
    max === 0 ? t('group.links.usedFreely', { uses: used }) : t('group.links.used', { uses: used, max })
  return `${count} · ${expires === 0 ? t('group.links.forever') : t('group.links.until', { time: shortMoment(expires, t) })}`
}
