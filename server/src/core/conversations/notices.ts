import type { Notice, NoticeKind } from '@nexo-im/protocol'
import type { Put } from '../ports.ts'
import type { Row } from '../tables.ts'
import type { Place } from '../writer.ts'

/** What a notice tells; where and when it stands comes from its place in the log. */
export interface Telling {
  readonly conversation: string
  readonly kind: NoticeKind
  readonly actor: string
  readonly users?: readonly string[]
  readonly data?: Notice['data']
}

/** A system message as a record, behind the last message in front of it. */
export function noticePuts(telling: Telling, { head, position }: Place, now: number): Put[] {
  const { conversation: conversation_id, kind, actor, users = [], data = {} } = telling
  return [
    {
      kind: 'notice',
      row: {
        conversation_id,
        position,
        at_seq: head,
        kind,
        actor_id: actor,
        user_ids: JSON.stringify(users),
        data: JSON.stringify(data),
        created_at: now,
      },
    },
    pulse(conversation_id, position),
  ]
}

/** Something in this conversation moved at this position: catching up looks here. */
export function pulse(conversation_id: string, position: number): Put {
  return { kind: 'pulse', row: { conversation_id, position } }
}

export function shownNotice(row: Row<'notice'>): Notice {
  return {
    conversation_id: row.conversation_id,
    position: row.position,
    at_seq: row.at_seq,
    kind: row.kind as NoticeKind,
    actor_id: row.actor_id,
    user_ids: JSON.parse(row.user_ids) as string[],
    data: JSON.parse(row.data) as Notice['data'],
    created_at: row.created_at,
  }
}

/** The notice among a change's puts, as it is told. */
export function toldNotice(puts: readonly Put[] | undefined): Notice | undefined {
  const put = puts?.find((p) => p.kind === 'notice')
  return put?.kind === 'notice' ? shownNotice(put.row) : undefined
}
