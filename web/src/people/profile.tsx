import { useUser } from '@nexo-im/client/react'
import { Ban, MessageCircle, PencilLine, Undo2, UserMinus, UserPlus, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { CopyableId } from '../ui/copy.tsx'
import { Avatar } from './avatar.tsx'
import { useName } from './names.ts'
import { type PersonActions, usePersonActions } from './person-actions.ts'
import { CustomStatusLine, PresenceWords, useIsOnline } from './presence.tsx'
import { useRelation, useRequestWith } from './relations.ts'

/** A question or a form that an action of the profile opens in a window of its own. */
export type Asked = 'remark' | 'unfriend' | 'block'

interface Props {
  userId: string
  /** Something was done that leads away from here. */
  onDone: () => void
  onAsk: (what: Asked) => void
}

/** Who somebody is and what one can do about them; fits a popover. */
export function Profile({ userId, onDone, onAsk }: Props): ReactNode {
  const t = useText()
  const own = userId === useOwnId()
  const name = useName(userId)
  const nickname = useUser(useClient(), userId)?.nickname || userId
  const relation = useRelation(userId)
  const online = useIsOnline(userId)
  return (
    <>
      <div className="flex items-center gap-3">
        <Avatar id={userId} name={name} size={56} online={online} />
        <div className="min-w-0 flex-1">
          <p className="text-title font-semibold [overflow-wrap:anywhere]" dir="auto">
            {name}
          </p>
          {name === nickname ? null : (
            <p className="truncate text-small text-soft">{t('person.nickname', { name: nickname })}</p>
          )}
          <p className="text-small text-soft">
            <PresenceWords userId={userId} />
          </p>
        </div>
      </div>
      <CustomStatusLine userId={userId} className="mt-3 block rounded-xl bg-ink/5 px-3 py-2 text-small" />
      <dl className="mt-3 flex items-baseline gap-2 text-small">
        <dt className="shrink-0 text-faint">{t('person.id')}</dt>
        <dd className="min-w-0">
          <CopyableId id={userId} />
        </dd>
      </dl>
      {relation?.is_blocked === true ? (
        <p className="mt-3 rounded-xl bg-danger-tint px-3 py-2 text-small text-danger">
          {t('person.isBlocked')}
        </p>
      ) : null}
      {own ? (
        <p className="mt-3 text-small text-faint">{t('person.you')}</p>
      ) : (
        <Actions userId={userId} onDone={onDone} onAsk={onAsk} />
      )}
    </>
  )
}

function Actions({ userId, onDone, onAsk }: Props): ReactNode {
  const t = useText()
  const actions = usePersonActions(userId)
  const relation = useRelation(userId)
  const row = 'w-full justify-start! bg-transparent! hover:bg-ink/7!'
  return (
    <div className="mt-4 flex flex-col gap-0.5">
      <Button
        className="mb-1.5 w-full"
        onClick={() => {
          onDone()
          actions.message()
        }}
      >
        <MessageCircle size={17} aria-hidden="true" />
        {t('person.message')}
      </Button>
      {relation?.is_friend === true || relation?.is_blocked === true ? null : (
        <Friendship userId={userId} actions={actions} className={row} />
      )}
      <Button look="quiet" className={row} onClick={() => onAsk('remark')}>
        <PencilLine size={17} aria-hidden="true" />
        {t('person.remark.edit')}
      </Button>
      {relation?.is_friend === true ? (
        <Button look="quiet" className={row} onClick={() => onAsk('unfriend')}>
          <UserMinus size={17} aria-hidden="true" />
          {t('friends.delete')}
        </Button>
      ) : null}
      {relation?.is_blocked === true ? (
        <Button look="quiet" className={row} busy={actions.busy} onClick={() => void actions.unblock()}>
          <Undo2 size={17} aria-hidden="true" />
          {t('person.unblock')}
        </Button>
      ) : (
        <Button look="quiet" className={`${row} text-danger!`} onClick={() => onAsk('block')}>
          <Ban size={17} aria-hidden="true" />
          {t('person.block')}
        </Button>
      )}
    </div>
  )
}

/** Between strangers: ask, answer, or take back. */
function Friendship({
  userId,
  actions,
  className,
}: {
  userId: string
  actions: PersonActions
  className: string
}): ReactNode {
  const t = useText()
  const [sent, setSent] = useState(false)
  const { incoming, outgoing } = useRequestWith(userId)
  if (incoming !== undefined) {
    return (
      <div className="rounded-xl bg-ink/4 p-2">
        {incoming.message === '' ? null : (
          <p className="px-1 pb-2 text-small text-soft [overflow-wrap:anywhere]" dir="auto">
            {incoming.message}
          </p>
        )}
        <div className="flex gap-2">
          <Button className="flex-1" busy={actions.busy} onClick={() => void actions.accept()}>
            {t('friends.accept')}
          </Button>
          <Button look="quiet" className="flex-1" onClick={() => void actions.reject()}>
            {t('friends.reject')}
          </Button>
        </div>
      </div>
    )
  }
  if (outgoing !== undefined || sent) {
    return (
      <Button
        look="quiet"
        className={className}
        busy={actions.busy}
        onClick={() => void actions.withdraw().then((done) => done && setSent(false))}
      >
        <X size={17} aria-hidden="true" />
        {t('friends.withdraw')}
        <span className="ms-auto text-small font-normal text-faint">{t('friends.waiting')}</span>
      </Button>
    )
  }
  return (
    <Button
      look="quiet"
      className={className}
      busy={actions.busy}
      onClick={() => void actions.request().then(setSent)}
    >
      <UserPlus size={17} aria-hidden="true" />
      {t('friends.add')}
    </Button>
  )
}
