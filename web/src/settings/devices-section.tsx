import { type Output, platformName } from '@nexo-im/protocol'
import { Monitor, Smartphone } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { useToast } from '../ui/toast.tsx'
import { Loading } from './loading.tsx'

type SignIn = Output<'session.list'>[number]

/** Platforms one holds in the hand: iOS, Android, AndroidPad, iPad, HarmonyOS. */
const handheld: ReadonlySet<number> = new Set([1, 2, 8, 9, 11])

/** Every sign-in of the account, this one first. */
export function DevicesSection(): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const [signIns, setSignIns] = useState<readonly SignIn[] | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const [asking, setAsking] = useState(false)
  const load = useCallback(() => {
    client.call('session.list', {}).then((list) => {
      setSignIns(list.toSorted((a, b) => Number(b.is_current) - Number(a.is_current)))
      setFailure(undefined)
    }, setFailure)
  }, [client])
  useEffect(load, [load])
  if (signIns === undefined) return <Loading failure={failure} onRetry={load} />
  return (
    <>
      <ul className="flex flex-col gap-1.5">
        {signIns.map((one) => (
          <DeviceRow key={one.session_id} signIn={one} onRevoked={load} />
        ))}
      </ul>
      {signIns.length > 1 ? (
        <Button look="quiet" className="mt-4 w-full text-danger!" onClick={() => setAsking(true)}>
          {t('settings.devices.others')}
        </Button>
      ) : null}
      {asking ? (
        <Confirm
          title={t('settings.devices.others.title')}
          text={t('settings.devices.others.text')}
          action={t('settings.devices.others')}
          onConfirm={async () => {
            await client.call('session.revoke_others', {})
            toast('done', t('settings.devices.others.done'))
            load()
          }}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}

function DeviceRow({ signIn, onRevoked }: { signIn: SignIn; onRevoked: () => void }): ReactNode {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const platform = platformName(signIn.platform_id)
  const name = signIn.device_name || platform
  const Icon = handheld.has(signIn.platform_id) ? Smartphone : Monitor
  const facts = [
    ...(name === platform ? [] : [platform]),
    t('settings.devices.since', { time: shortMoment(signIn.created_at, t) }),
    ...(signIn.is_online && !signIn.is_current ? [t('settings.devices.online')] : []),
  ]
  const revoke = async (): Promise<void> => {
    if (!(await run(() => client.call('session.revoke', { session_id: signIn.session_id })))) return
    toast('done', t('settings.devices.revoked', { name }))
    onRevoked()
  }
  return (
    <li
      data-device={signIn.session_id}
      className="flex items-center gap-3 rounded-2xl bg-ink/4 px-4 py-3 max-sm:px-3"
    >
      <Icon size={20} className="shrink-0 text-soft" aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <span className="block font-medium [overflow-wrap:anywhere]">{name}</span>
        <span className="block text-small text-faint">{facts.join(' · ')}</span>
      </span>
      {signIn.is_current ? (
        <span className="shrink-0 rounded-full bg-tint px-2.5 py-0.5 text-micro font-semibold text-accent-strong">
          {t('settings.devices.this')}
        </span>
      ) : (
        <Button
          look="quiet"
          className="h-9! shrink-0 px-3! text-small"
          busy={busy}
          aria-label={t('settings.devices.revoke.name', { name })}
          onClick={() => void revoke()}
        >
          {t('settings.devices.revoke')}
        </Button>
      )}
    </li>
  )
}
