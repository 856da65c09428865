import { useMembership } from '@nexo-im/client/react'
import { invitedBy, roles } from '@nexo-im/protocol'
import { ClipboardList, IdCard, Link2, PencilLine, ShieldCheck, UserPlus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { fullDate } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import type { Place } from '../people/names.ts'
import { Button } from '../ui/button.tsx'
import { CopyableId } from '../ui/copy.tsx'
import { AnnouncementCard } from './announcement.tsx'
import { useApplications } from './applications.ts'
import { ApplicationsDialog } from './applications-dialog.tsx'
import { DissolveDialog } from './dissolve-dialog.tsx'
import { EditGroupDialog } from './edit-group-dialog.tsx'
import type { GroupState } from './group.ts'
import { GroupNicknameDialog } from './group-nickname-dialog.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { InviteLinksDialog } from './invite-links-dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { MemberList } from './member-list.tsx'
import { PanelRow } from './panel-row.tsx'
import { RulesDialog } from './rules-dialog.tsx'

interface Props {
  place: Place
  group: GroupState
  onLeft: () => void
}

type Open =
  | 'edit'
  | 'nickname'
  | 'rules'
  | 'invite'
  | 'links'
  | 'applications'
  | 'leave'
  | 'dissolve'
  | undefined

/** Everything about one group, and what the own role lets one do with it. */
export function GroupDetails({ place, group, onLeft }: Props): ReactNode {
  const t = useText()
  const [open, setOpen] = useState<Open>(undefined)
  const close = (): void => setOpen(undefined)
  const inside = group.role > 0
  return (
    <>
      <Head place={place} group={group} onEdit={() => setOpen('edit')} />
      {group.dissolved ? (
        <p className="mt-4 rounded-2xl bg-danger-tint px-4 py-3 text-small text-danger">
          {t('group.dissolved')}
        </p>
      ) : null}
      <AnnouncementCard groupId={place.groupId} group={group} />
      {inside && !group.dissolved ? <Rows place={place} group={group} onOpen={setOpen} /> : null}
      <MemberList group={group} groupId={place.groupId} />
      {inside ? (
        <div className="mt-5 flex flex-col gap-2">
          <Button look="quiet" className="w-full text-danger!" onClick={() => setOpen('leave')}>
            {t('group.leave')}
          </Button>
          {group.role === roles.owner && !group.dissolved ? (
            <Button look="quiet" className="w-full text-danger!" onClick={() => setOpen('dissolve')}>
              {t('group.dissolve')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {open === 'edit' && group.record ? <EditGroupDialog record={group.record} onClose={close} /> : null}
      {open === 'nickname' ? <GroupNicknameDialog groupId={place.groupId} onClose={close} /> : null}
      {open === 'rules' && group.record ? <RulesDialog record={group.record} onClose={close} /> : null}
      {open === 'invite' ? <InviteDialog groupId={place.groupId} group={group} onClose={close} /> : null}
      {open === 'links' ? <InviteLinksDialog groupId={place.groupId} onClose={close} /> : null}
      {open === 'applications' ? <ApplicationsDialog groupId={place.groupId} onClose={close} /> : null}
      {open === 'leave' ? <LeaveDialog place={place} group={group} onClose={close} onLeft={onLeft} /> : null}
      {open === 'dissolve' ? <DissolveDialog place={place} onClose={close} /> : null}
    </>
  )
}

function Head({ place, group, onEdit }: { place: Place; group: GroupState; onEdit: () => void }): ReactNode {
  const t = useText()
  const { record } = group
  return (
    <>
      <div className="flex flex-col items-center text-center">
        <Avatar id={place.groupId} name={place.title} size={76} group />
        <p className="mt-3 text-title font-semibold [overflow-wrap:anywhere]" dir="auto">
          {place.title}
        </p>
        {record?.introduction ? (
          <p className="mt-1 text-small whitespace-pre-wrap text-soft [overflow-wrap:anywhere]" dir="auto">
            {record.introduction}
          </p>
        ) : null}
        {record === undefined ? null : (
          <p className="mt-1 text-small text-faint">
            {t('group.founded', { date: fullDate(record.created_at, t) })}
          </p>
        )}
        {group.role >= roles.admin && !group.dissolved ? (
          <Button look="quiet" className="mt-3 h-8! px-3! text-small" onClick={onEdit}>
            <PencilLine size={14} aria-hidden="true" />
            {t('group.edit')}
          </Button>
        ) : null}
      </div>
      <dl className="mt-5 rounded-2xl bg-ink/4 px-4 py-3">
        <dt className="text-micro text-faint">{t('group.id')}</dt>
        <dd>
          <CopyableId id={place.groupId} />
        </dd>
      </dl>
    </>
  )
}

function Rows({
  place,
  group,
  onOpen,
}: {
  place: Place
  group: GroupState
  onOpen: (what: Open) => void
}): ReactNode {
  const t = useText()
  const nickname = useMembership(useClient(), place.groupId)?.group_nickname ?? ''
  const isAdmin = group.role >= roles.admin
  const mayInvite = isAdmin || group.record?.invited_by === invitedBy.members
  const waiting = useApplications(place.groupId, isAdmin).list?.length ?? 0
  return (
    <div className="mt-3 overflow-hidden rounded-2xl bg-ink/4">
      <PanelRow
        icon={<IdCard size={17} />}
        label={t('group.nickname')}
        value={nickname || t('group.nickname.none')}
        onClick={() => onOpen('nickname')}
      />
      {mayInvite ? (
        <>
          <PanelRow
            icon={<UserPlus size={17} />}
            label={t('group.invite')}
            onClick={() => onOpen('invite')}
          />
          <PanelRow icon={<Link2 size={17} />} label={t('group.links')} onClick={() => onOpen('links')} />
        </>
      ) : null}
      {isAdmin ? (
        <>
          <PanelRow
            icon={<ClipboardList size={17} />}
            label={t('group.applications')}
            badge={waiting}
            badgeWords={waiting === 0 ? '' : t.count('group.applications', waiting)}
            onClick={() => onOpen('applications')}
          />
          <PanelRow
            icon={<ShieldCheck size={17} />}
            label={t('group.settings')}
            onClick={() => onOpen('rules')}
          />
        </>
      ) : null}
    </div>
  )
}
