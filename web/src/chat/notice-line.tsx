import type { Notice } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { useOwnId } from '../client.ts'
import { dateAndTime } from '../dates.ts'
import { type Text, useText } from '../i18n/index.ts'
import { useDesk } from './desk.ts'
import { useNames } from './names.ts'
import { namedUsers, noticeWords } from './notice-words.ts'

/** A system message: a quiet sentence at its place between the messages. */
export function NoticeLine({ notice, now }: { notice: Notice; now: number }): ReactNode {
  const t = useText()
  const { jump } = useDesk()
  const words = useNoticeWords(notice, now)
  const seq = Number(notice.data['seq'] ?? 0)
  const leads = notice.kind === 'message_pinned' && seq > 0
  const look = 'quiet-line [overflow-wrap:anywhere]'
  return (
    <div className="flex justify-center px-6 pt-2.5 pb-1" data-notice={notice.kind}>
      {leads ? (
        <button
          type="button"
          className={`${look} hover:text-ink`}
          title={t('pins.jump')}
          onClick={() => jump(seq)}
        >
          {words}
        </button>
      ) : (
        <p className={look} title={dateAndTime(notice.created_at, t)}>
          {words}
        </p>
      )}
    </div>
  )
}

function useNoticeWords(notice: Notice, now: number): string {
  const t = useText()
  const ownId = useOwnId()
  const { actor_id: actorId, user_ids: userIds } = notice
  const [actorName = '', ...userNames] = useNames([actorId, ...userIds.slice(0, namedUsers)])
  const users = userNames.map((name, i) => (userIds[i] === ownId ? t('notice.you.object') : name))
  const people = {
    actor: actorOf(actorId, ownId, actorName, t),
    users,
    count: userIds.length,
    isOwn: (part: 'actor' | 'user') => (part === 'actor' ? actorId === ownId : userIds[0] === ownId),
  }
  return noticeWords(notice, people, t, now)
}

function actorOf(actorId: string, ownId: string, name: string, t: Text): string {
  if (actorId === '') return t('notice.somebody')
  return actorId === ownId ? t('notice.you') : name
}
