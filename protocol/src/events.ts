import type { TSchema } from 'typebox'
import Type from 'typebox'
import { Change, Receipt, Typing } from './change.ts'
import { Kicked } from './device.ts'
import { Group, Member } from './group.ts'
import { ConversationId, GroupId, Int64, UserId } from './ids.ts'
import { Message } from './message.ts'
import { Online } from './presence.ts'

export interface Event {
  readonly summary: string
  /**
   * Frame number; 2001, 2002 and 3001 are known to every client, the others under `nexo.v1` only. Events without one
   * are for embedded handlers: devices learn the same from `changed`.
   */
  readonly frame?: number
  readonly data: TSchema
}

/** What the server may say unasked. The words are the same for sockets and for embedded handlers. */
export const events = {
  message_received: {
    summary: 'New messages, per conversation, in seq order',
    frame: 2001,
    data: Type.Object({ msgs: Type.Record(ConversationId, Type.Array(Message)) }),
  },
  kicked: { summary: 'This session ended; do not reconnect', frame: 2002, data: Kicked },
  resync: {
    summary: 'Pushes were left out on this socket: pull up to these seqs',
    frame: 3001,
    data: Type.Object({ conversations: Type.Record(ConversationId, Int64) }),
  },
  user_online: { summary: 'The first device of a subscribed user connected', frame: 2003, data: Online },
  user_offline: { summary: 'The last device of a subscribed user went', frame: 2004, data: Online },
  changed: {
    summary: 'Later states of what belongs to the account, in order of position',
    frame: 2010,
    data: Type.Object({ changes: Type.Array(Change) }),
  },
  receipt: {
    summary: 'Somebody read or received messages of a shared conversation',
    frame: 2011,
    data: Receipt,
  },
  typing: { summary: 'Somebody writes, or stopped', frame: 2012, data: Typing },
  message_delivered: {
    summary: 'A receiver’s device has acked messages up to seq',
    data: Type.Object({
      conversation_id: ConversationId,
      seq: Int64,
      user_id: UserId,
      platform_id: Type.Integer(),
      session_id: Type.String(),
    }),
  },
  group_created: {
    summary: 'A group was founded',
    data: Type.Object({ group: Group, member_ids: Type.Array(UserId) }),
  },
  group_deleted: {
    summary: 'A group was dissolved',
    data: Type.Object({ group_id: GroupId, by: UserId }),
  },
  user_joined: {
    summary: 'Somebody is in a group now and may read it already',
    data: Type.Object({ group_id: GroupId, member: Member }),
  },
  user_left: {
    summary: 'Somebody left a group or was put out',
    data: Type.Object({
      group_id: GroupId,
      user_id: UserId,
      cause: Type.Union([Type.Literal('quit'), Type.Literal('kick')]),
    }),
  },
} as const satisfies Record<string, Event>

export type Events = typeof events
export type EventName = keyof Events
export type EventData<N extends EventName> = Type.Static<Events[N]['data']>

export const eventNames = Object.keys(events) as EventName[]

/** Events that a client without a subprotocol knows. */
export const classicEvents: ReadonlySet<EventName> = new Set(['message_received', 'kicked', 'resync'])

const byFrame = new Map<number, EventName>()
for (const name of eventNames) {
  const { frame } = events[name] as Event
  if (frame !== undefined) byFrame.set(frame, name)
}

export function eventOfFrame(frame: number): EventName | undefined {
  return byFrame.get(frame)
}
