import { type Member, roles } from '@nexo-im/protocol'
import {
  Crown,
  Ellipsis,
  MessageCircle,
  ShieldMinus,
  ShieldPlus,
  UserMinus,
  UserPlus,
  Volume2,
  VolumeX,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { shortMoment } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import { usePersonActions } from '../people/person-actions.ts'
import { useRelation } from '../people/relations.ts'
import { useAction } from '../ui/action.ts'
import { IconButton } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Menu, MenuItem, MenuRule } from '../ui/menu.tsx'
import { useToast } from '../ui/toast.tsx'
import type { GroupState } from './group.ts'

interface Props {
  member: Member
  name: string
  muted: boolean
  group: GroupState
}

/** Seconds. */
const silences = [600, 3600, 86_400] as const

/** What one may do to a member, by one's own role and theirs. */
export function MemberMenu(props: Props): ReactNode {
  const { member, name, muted, group } = props
  const t = useText()
  const { user_id: id } = member
  const person = usePersonActions(id)
  const relation = useRelation(id)
  const deeds = useDeeds(props)
  const [asked, setAsked] = useState<'kick' | 'transfer' | undefined>(undefined)
  const active = !group.dissolved && group.role > 0
  const owner = active && group.role === roles.owner
  const over = active && group.role >= roles.admin && group.role > member.role_level
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('group.member.menu', { name })} className="-me-2">
            <Ellipsis size={17} />
          </IconButton>
        }
      >
        <MenuItem icon={<MessageCircle size={16} />} onSelect={person.message}>
          {t('group.member.message')}
        </MenuItem>
        {relation?.is_friend === true ? null : (
          <MenuItem icon={<UserPlus size={16} />} onSelect={() => void person.request()}>
            {t('group.member.addFriend')}
          </MenuItem>
        )}
        {over ? <MenuRule /> : null}
        {owner && over ? (
          <MenuItem
            icon={member.role_level === roles.admin ? <ShieldMinus size={16} /> : <ShieldPlus size={16} />}
            onSelect={deeds.toggleAdmin}
          >
            {t(member.role_level === roles.admin ? 'group.member.unmakeAdmin' : 'group.member.makeAdmin')}
          </MenuItem>
        ) : null}
        {over && muted ? (
          <MenuItem icon={<Volume2 size={16} />} onSelect={() => deeds.mute(0)}>
            {t('group.member.unmute')}
          </MenuItem>
        ) : null}
        {over
          ? silences.map((seconds) => (
              <MenuItem key={seconds} icon={<VolumeX size={16} />} onSelect={() => deeds.mute(seconds)}>
                {t(`group.member.mute.${seconds}`)}
              </MenuItem>
            ))
          : null}
        {owner ? (
          <MenuItem icon={<Crown size={16} />} onSelect={() => setAsked('transfer')}>
            {t('group.member.transfer')}
          </MenuItem>
        ) : null}
        {over ? (
          <MenuItem icon={<UserMinus size={16} />} danger onSelect={() => setAsked('kick')}>
            {t('group.member.kick')}
          </MenuItem>
        ) : null}
      </Menu>
      {asked === undefined ? null : (
        <Confirm
          title={t(`group.member.${asked}.title`, { name })}
          text={asked === 'kick' ? t('group.member.kick.text') : t('group.member.transfer.text', { name })}
          action={t(asked === 'kick' ? 'group.member.kick' : 'group.member.transfer.confirm')}
          onConfirm={asked === 'kick' ? deeds.kick : deeds.transfer}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

interface Deeds {
  readonly toggleAdmin: () => void
  /** Seconds; 0 lifts it. */
  readonly mute: (seconds: number) => void
  /** These two are asked about before, and reject when they fail. */
  readonly kick: () => Promise<void>
  readonly transfer: () => Promise<void>
}

function useDeeds({ member, name, group }: Props): Deeds {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { run } = useAction()
  const { group_id, user_id } = member
  const done = (words: string): void => {
    toast('done', words)
    group.reload()
  }
  return {
    toggleAdmin: () => {
      const role_level = member.role_level === roles.admin ? roles.member : roles.admin
      void run(async () => {
        await client.call('group.set_role', { group_id, user_id, role_level })
        done(t(role_level === roles.admin ? 'group.member.isAdmin' : 'group.member.isMember', { name }))
      })
    },
    mute: (seconds) =>
      void run(async () => {
        await client.call('group.mute', { group_id, user_id, seconds })
        const time = shortMoment(Date.now() + seconds * 1000, t)
        done(seconds === 0 ? t('group.member.unmuted', { name }) : t('group.member.muted', { name, time }))
      }),
    kick: async () => {
      await client.call('group.kick', { group_id, user_ids: [user_id] })
      done(t('group.member.kicked', { name }))
    },
    transfer: async () => {
      await client.call('group.transfer', { group_id, user_id })
      done(t('group.member.transferred', { name }))
    },
  }
}
