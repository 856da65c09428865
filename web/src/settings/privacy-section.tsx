import { usePrivacy } from '@nexo-im/client/react'
import type { Privacy } from '@nexo-im/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Select } from '../ui/select.tsx'
import { useToast } from '../ui/toast.tsx'
import { Loading } from './loading.tsx'

const settings = ['find_me', 'message_me', 'add_to_groups', 'see_online', 'see_read'] as const
const audiences = ['0', '1', '2'] as const

/** To whom one is open; each setting is saved as it is chosen. */
export function PrivacySection(): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const privacy = usePrivacy(client)
  const [failure, setFailure] = useState<unknown>(undefined)
  useEffect(() => {
    client.loadPrivacy().catch(setFailure)
  }, [client])
  if (privacy === undefined) return <Loading failure={failure} />
  const save = async (change: Partial<Privacy>): Promise<void> => {
    if (await run(() => client.call('privacy.update', change))) toast('done', t('settings.privacy.saved'))
  }
  return (
    <div className="flex flex-col gap-4">
      {settings.map((setting) => (
        <Select
          key={setting}
          label={t(`settings.privacy.${setting}`)}
          text={t(`settings.privacy.${setting}.text`)}
          value={audiences[privacy[setting]] ?? '0'}
          options={audiences.map((one) => [one, t(`settings.openTo.${one}`)])}
          disabled={busy}
          onChange={(value) => void save({ [setting]: Number(value) })}
        />
      ))}
    </div>
  )
}
