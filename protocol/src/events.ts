import type { TSchema } from 'typebox'
import Type from 'typebox'
import { Kicked } from './device.ts'
import { Group, Member } from './group.ts'
import { ConversationId, GroupId, Int64, UserId } from './ids.ts'
import { Message } from './message.ts'
import { Online } from './presence.ts'

export interface Event {
  readonly summary: string
  /** Frame number; 2001, 2002 and 3001 are known to every client, the others under `nexo.v1` only. */
  readonly frame: number
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
  conversation_read: {
    summary: 'The own read position moved on another device',
    frame: 2005,
    data: Type.Object({ conversation_id: ConversationId, read_seq: Int64, unread_count: Int64 }),
  },
  conversation_changed: {
    summary: 'Own settings of a conversation changed on another device',
    frame: 2006,
    data: Type.Object({ conversation_id: ConversationId }),
  },
  group_created: {
    summary: 'A group with the receiver as a member was founded',
    frame: 2007,
    data: Type.Object({ group: Group, member_ids: Type.Array(UserId) }),
  },
  user_joined: {
    summary: 'Somebody joined a group of the receiver',
    frame: 2008,
    data: Type.Object({ group_id: GroupId, member: Member }),
  },
  user_left: {
    summary: 'Somebody left a group of the receiver',
    frame: 2009,
    data: Type.Object({ group_id: GroupId, user_id: UserId, cause: Type.Literal('quit') }),
  },
} as const satisfies Record<string, Event>

export type Events = typeof events
export type EventName = keyof Events
export type EventData<N extends EventName> = Type.Static<Events[N]['data']>

export const eventNames = Object.keys(events) as EventName[]

/** Events that a client without a subprotocol knows. */
export const classicEvents: ReadonlySet<EventName> = new Set(['message_received', 'kicked', 'resync'])

const byFrame = new Map<number, EventName>(eventNames.map((n) => [events[n].frame, n]))

export function eventOfFrame(frame: number): EventName | undefined {
  return byFrame.get(frame)
}
