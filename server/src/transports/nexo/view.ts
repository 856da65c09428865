import {
  type Body,
  contentColumns,
  contentType,
  type EventName,
  flatContent,
  msgType,
  type Operation,
  type OperationName,
  operations,
  parseConversationId,
  peerOf,
  sessionType,
} from '@nexo-im/protocol'
import type { Entry } from '../../core/ports.ts'

/** How a door shows messages: flat strings for old clients, or typed objects; sockets leave out what they never carried. */
export interface MessageView {
  readonly typed: boolean
  readonly socket: boolean
}

const quoted = JSON.stringify

/**
 * One message as JSON text. The stored body is JSON already, so the typed view copies it and parses nothing:
 * this runs for every message of every page and push.
 */
export function messageJson(entry: Entry, view: MessageView, place: Place = placeOf(entry)): string {
  const flat = view.typed || entry.body === '' ? undefined : flatJson(entry)
  const head =
    `{"id":${entry.id},"server_msg_id":${entry.id},${place.conversation}` +
    `"seq":${entry.seq},"client_msg_id":${quoted(entry.client_msg_id)},${place.people}` +
    `"msg_type":${entry.msg_type},` +
    `"content":${flat?.content ?? contentJson(entry, view)},"send_at":${entry.send_at}${entry.meta === '' ? '' : `,${entry.meta}`}`
  if (view.socket) return `${head}}`
  const columns = view.typed ? '' : `,${flat?.columns ?? noColumns}`
  return `${head}${columns},"extra":null,"created_at":${entry.send_at},"updated_at":${entry.send_at}}`
}

/** What messages of one sender in one conversation have in common, as text. */
interface Place {
  readonly conversation: string
  readonly people: string
}

function placeOf({ conversation_id, sender_id }: Entry): Place {
  const ref = parseConversationId(conversation_id)
  const recvId = ref?.type === 'single' ? peerOf(ref.users, sender_id) : ''
  const groupId = ref?.type === 'group' ? ref.groupId : ''
  return {
    conversation: `"conversation_id":${quoted(conversation_id)},`,
    people:
      `"sender_id":${quoted(sender_id)},"recv_id":${quoted(recvId)},"group_id":${quoted(groupId)},` +
      `"session_type":${groupId === '' ? sessionType.single : sessionType.group},`,
  }
}

/** A page of one conversation: what its messages have in common is made once per sender. */
function pageJson(messages: readonly Entry[], view: MessageView): string {
  const places = new Map<string, Place>()
  return listJson(messages, (entry) => {
    const place = places.get(entry.sender_id) ?? placeOf(entry)
    places.set(entry.sender_id, place)
    return messageJson(entry, view, place)
  })
}

function contentJson(entry: Entry, view: MessageView): string {
  const key = contentType(entry.msg_type)?.key
  // Recalled or erased: typed views show nothing, old clients find the empty string they expect.
  if (entry.body === '') return view.typed ? '{}' : `{"${key}":""}`
  return `{"${key}":${entry.body}}`
}

const columnsJson = (type: number, body: Body): string => quoted(contentColumns(type, body)).slice(1, -1)
const noColumns = columnsJson(0, {})
const otherColumns = noColumns.slice(noColumns.indexOf(','))

/** A body in the old flat view, read once for both: what `content` is, and the columns beside it. */
function flatJson({ msg_type: type, body: json }: Entry): { content: string; columns: string } {
  const body = JSON.parse(json) as Body
  if (type !== msgType.text)
    return { content: quoted(flatContent(type, body)), columns: columnsJson(type, body) }
  // Nearly every message: its column is the first of them, and the others are empty.
  const text = quoted(body['text'])
  return { content: `{"text":${text}}`, columns: `"content_text":${text}${otherColumns}` }
}

/** The short answer to a send over a socket (frame 1003); our own clients get the chain value with it. */
function ackJson(entry: Entry, { typed }: MessageView): string {
  return (
    `{"server_msg_id":${entry.id},"conversation_id":${quoted(entry.conversation_id)},"seq":${entry.seq},` +
    `"client_msg_id":${quoted(entry.client_msg_id)},"send_at":${entry.send_at}` +
    `${typed ? `,"chain":"${entry.chain}"` : ''}}`
  )
}

type WithLast = { readonly last_message?: Entry }

function conversationJson(conversation: WithLast, view: MessageView): string {
  const { last_message: last, ...rest } = conversation
  const json = quoted(rest)
  return last ? `${json.slice(0, -1)},"last_message":${messageJson(last, view)}}` : json
}

const listJson = <T>(list: readonly T[], show: (item: T) => string): string => `[${list.map(show).join(',')}]`

type AnyChange = { readonly position: number; readonly message?: Entry; readonly conversation?: WithLast }

function changeJson({ position, message, conversation, ...rest }: AnyChange, view: MessageView): string {
  if (message) return `{"position":${position},"message":${messageJson(message, view)}}`
  if (conversation) return `{"position":${position},"conversation":${conversationJson(conversation, view)}}`
  return quoted({ position, ...rest })
}

/** Changes as an event tells them and `sync.changes` answers them. */
function changesJson(data: unknown, view: MessageView): string {
  const { changes, ...rest } = data as { changes: readonly AnyChange[] }
  const list = listJson(changes, (change) => changeJson(change, view))
  const others = quoted(rest).slice(1, -1)
  return `{${others === '' ? '' : `${others},`}"changes":${list}}`
}

/** The data of an event as JSON text. */
export function eventJson(name: EventName, data: unknown, view: MessageView): string {
  return name === 'changed' ? changesJson(data, view) : quoted(data)
}

/** The answer of an operation as JSON text, messages shown in the door's view. */
export function resultJson(name: OperationName, result: unknown, view: MessageView): string {
  const operation: Operation = operations[name]
  const message = (entry: Entry): string => messageJson(entry, view)
  const conversation = (row: WithLast): string => conversationJson(row, view)
  switch (operation.messages) {
    case 'self': {
      const isAck = view.socket && operation.frameOutput !== undefined
      return isAck ? ackJson(result as Entry, view) : message(result as Entry)
    }
    case 'list':
      return listJson(result as readonly Entry[], message)
    case 'messages': {
      const { messages, max_seq } = result as { messages: readonly Entry[]; max_seq: number }
      return `{"messages":${pageJson(messages, view)},"max_seq":${max_seq}}`
    }
    case 'last_message': {
      if (Array.isArray(result)) return listJson(result as WithLast[], conversation)
      const { list, ...page } = result as { list: readonly WithLast[] }
      return `{"list":${listJson(list, conversation)},${quoted(page).slice(1)}`
    }
    case 'changes':
      return changesJson(result, view)
    default:
      return quoted(result ?? null)
  }
}
