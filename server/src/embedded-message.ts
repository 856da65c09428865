import { contentTypeByName, ImError, type Input, msgType } from '@nexo-im/protocol'

/** A message as an embedding program writes it (M-21): exactly one of `receiver` and `group_id`. */
export interface OutgoingMessage {
  /** text, image, voice, video, file, location, card, quote, custom. Default text. */
  readonly type?: string
  /** The text of a text message, else the typed body, as an object or as its JSON text. */
  readonly content: string | Readonly<Record<string, unknown>>
  readonly sender: string
  readonly receiver?: string
  readonly group_id?: string
  /** Makes a repeat harmless; generated when absent. */
  readonly client_msg_id?: string
}

/** As input of `message.send`. Throws `invalid_parameter` for an unknown type or unreadable content. */
export function sendInput(message: OutgoingMessage, freshId: string): Input<'message.send'> {
  const kind = contentTypeByName(message.type ?? 'text')
  if (!kind) throw new ImError('invalid_parameter', { detail: `type: ${message.type} is not known` })
  return {
    client_msg_id: message.client_msg_id ?? freshId,
    msg_type: kind.number,
    content: { [kind.key]: bodyOf(kind.number, message.content) },
    ...(message.receiver !== undefined && { recv_id: message.receiver }),
    ...(message.group_id !== undefined && { group_id: message.group_id }),
  }
}

function bodyOf(type: number, content: OutgoingMessage['content']): unknown {
  if (typeof content !== 'string') return content
  if (type === msgType.text) return { text: content }
  if (type === msgType.custom) return { data: content }
  try {
    return JSON.parse(content)
  } catch {
    // Not JSON: the flat string of the type, e.g. the URL of an image.
    return content
  }
}
