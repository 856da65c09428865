import type { Notice } from '@nexo-im/protocol'
import { roles } from '@nexo-im/protocol'
import { shortMoment } from '../dates.ts'
import type { Text, TextKey } from '../i18n/index.ts'
import { spanWords } from './spans.ts'

/** Who did it and whom it concerns, named as the reader sees them. */
export interface NoticePeople {
  readonly actor: string
  /** Of the first few users. */
  readonly users: readonly string[]
  /** How many there are in all. */
  readonly count: number
  readonly isOwn: (part: 'actor' | 'user') => boolean
}

/** At most this many users of a notice are named. */
export const namedUsers = 3

const joined: Partial<Record<string, TextKey>> = {
  link: 'notice.joined.link',
  invite: 'notice.joined.invite',
  approval: 'notice.joined.approval',
}

const changed: Partial<Record<string, TextKey>> = {
  name: 'notice.changed.name',
  introduction: 'notice.changed.introduction',
  avatar: 'notice.changed.avatar',
}

/** The sentence of a system message. Exhaustive: a new kind does not compile without its sentence. */
export function noticeWords(notice: Notice, people: NoticePeople, t: Text, now: number): string {
  const { actor } = people
  const { data } = notice
  const until = Number(data['until'] ?? 0)
  const time = shortMoment(until, t, now)
  const users = listed(people, t)
  const text = String(data['text'] ?? '')
  switch (notice.kind) {
    case 'group_created':
      return people.count > 0
        ? t('notice.group_created.with', { actor, users })
        : t('notice.group_created', { actor })
    case 'member_joined':
      return t(joined[String(data['cause'])] ?? 'notice.joined', { actor, users: subject(people, data, t) })
    case 'member_left':
      return t('notice.left', { users: people.isOwn('user') ? t('notice.you') : users })
    case 'member_kicked':
      return t('notice.kicked', { actor, users })
    case 'role_changed':
      return t(data['role_level'] === roles.admin ? 'notice.admin' : 'notice.member', { actor, users })
    case 'owner_changed':
      return notice.actor_id === ''
        ? t('notice.owner.system', { users: people.isOwn('user') ? t('notice.you') : users })
        : t('notice.owner', { actor, users })
    case 'group_changed':
      return groupChanged(data, actor, t)
    case 'group_dissolved':
      return t('notice.dissolved', { actor })
    case 'member_muted':
      return until > 0 ? t('notice.muted', { actor, users, time }) : t('notice.unmuted', { actor, users })
    case 'all_muted':
      return until > 0 ? t('notice.allMuted', { actor, time }) : t('notice.allUnmuted', { actor })
    case 'announced':
      return text === '' ? t('notice.unannounced', { actor }) : t('notice.announced', { actor, text })
    case 'nickname_changed':
      return nicknameChanged(notice, people, text, t)
    case 'message_pinned':
      return t('notice.pinned', { actor })
    case 'message_unpinned':
      return t('notice.unpinned', { actor })
    case 'expiry_changed': {
      const seconds = Number(data['seconds'] ?? 0)
      return seconds > 0
        ? t('notice.expiry', { actor, time: spanWords(seconds, t) })
        : t('notice.expiry.off', { actor })
    }
  }
}

/** "Ann", "Ann and Bob", "Ann, Bob and Cid", "Ann, Bob, Cid and 4 more". */
function listed({ users, count }: NoticePeople, t: Text): string {
  const shown = users.slice(0, namedUsers)
  const comma = t('notice.comma')
  if (count > shown.length)
    return t('notice.others', { names: shown.join(comma), count: restOf(count, shown.length, t) })
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : t('notice.and', { names: shown.slice(0, -1).join(comma), last })
}

/** English counts those who are not named, Chinese all of them. */
function restOf(count: number, named: number, t: Text): number {
  return t.language === 'zh' ? count : count - named
}

function subject(people: NoticePeople, data: Notice['data'], t: Text): string {
  const passive = data['cause'] === 'invite' || data['cause'] === 'approval'
  return people.count === 1 && people.isOwn('user') && !passive ? t('notice.you') : listed(people, t)
}

function groupChanged(data: Notice['data'], actor: string, t: Text): string {
  const [field = '', ...more] = Object.keys(data)
  const key = more.length === 0 ? changed[field] : undefined
  return t(key ?? 'notice.changed', { actor, text: String(data[field] ?? '') })
}

function nicknameChanged(notice: Notice, people: NoticePeople, text: string, t: Text): string {
  const users = listed(people, t)
  if (text === '') return t('notice.nickname.none', { actor: people.actor })
  const bySelf = notice.user_ids.length === 1 && notice.user_ids[0] === notice.actor_id
  if (!bySelf) return t('notice.nickname.by', { actor: people.actor, users, text })
  return people.isOwn('user') ? t('notice.nickname.you', { text }) : t('notice.nickname', { users, text })
}
