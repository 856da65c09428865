import {
  type Body,
  contentColumns,
  contentType,
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
export function messageJson(entry: Entry, view: MessageView): string {
  const ref = parseConversationId(entry.conversation_id)
  const recvId = ref?.type === 'single' ? peerOf(ref.users, entry.sender_id) : ''
  const groupId = ref?.type === 'group' ? ref.groupId : ''
  const head =
    `{"id":${entry.id},"server_msg_id":${entry.id},"conversation_id":${quoted(entry.conversation_id)},` +
    `"seq":${entry.seq},"client_msg_id":${quoted(entry.client_msg_id)},"sender_id":${quoted(entry.sender_id)},` +
    `"recv_id":${quoted(recvId)},"group_id":${quoted(groupId)},` +
    `"session_type":${groupId === '' ? sessionType.single : sessionType.group},"msg_type":${entry.msg_type},` +
    `"content":${contentJson(entry, view)},"send_at":${entry.send_at}`
  return view.socket ? `${head}}` : `${head}${httpFields(entry, view)}}`
}

function contentJson(entry: Entry, view: MessageView): string {
  if (view.typed) return `{"${contentType(entry.msg_type)?.key}":${entry.body}}`
  const body = JSON.parse(entry.body) as Body
  return entry.msg_type === msgType.text
    ? `{"text":${quoted(body['text'])}}`
    : quoted(flatContent(entry.msg_type, body))
}

function httpFields(entry: Entry, view: MessageView): string {
  const times = `,"extra":null,"created_at":${entry.send_at},"updated_at":${entry.send_at}`
  if (view.typed) return times
  return `,${quoted(contentColumns(entry.msg_type, JSON.parse(entry.body) as Body)).slice(1, -1)}${times}`
}

/** The short answer to a send over a socket (frame 1003). */
function ackJson(entry: Entry): string {
  return (
    `{"server_msg_id":${entry.id},"conversation_id":${quoted(entry.conversation_id)},"seq":${entry.seq},` +
    `"client_msg_id":${quoted(entry.client_msg_id)},"send_at":${entry.send_at}}`
  )
}

type WithLast = { readonly last_message?: Entry }

function conversationJson(conversation: WithLast, view: MessageView): string {
  const { last_message: last, ...rest } = conversation
  const json = quoted(rest)
  return last ? `${json.slice(0, -1)},"last_message":${messageJson(last, view)}}` : json
}

const listJson = (list: readonly WithLast[], view: MessageView): string =>
  `[${list.map((c) => conversationJson(c, view)).join(',')}]`

/** The answer of an operation as JSON text, messages shown in the door's view. */
export function resultJson(name: OperationName, result: unknown, view: MessageView): string {
  const operation: Operation = operations[name]
  switch (operation.messages) {
    case 'self':
      return view.socket ? ackJson(result as Entry) : messageJson(result as Entry, view)
    case 'messages': {
      const { messages, max_seq } = result as { messages: readonly Entry[]; max_seq: number }
      return `{"messages":[${messages.map((m) => messageJson(m, view)).join(',')}],"max_seq":${max_seq}}`
    }
    case 'last_message': {
      if (Array.isArray(result)) return listJson(result as WithLast[], view)
      const { list, ...page } = result as { list: readonly WithLast[] }
      return `{"list":${listJson(list, view)},${quoted(page).slice(1)}`
    }
    default:
      return quoted(result ?? null)
  }
}
