import type { ChatMessage, Outgoing } from '@nexo-im/client'
import { msgType } from '@nexo-im/protocol'

/** A frame of 51,200 bytes is the most a server takes by default; the rest of the frame needs some of it. */
const maxFrameText = 50_000

/** The words as they are sent: blank lines around them are slips of the keyboard, inner ones are meant. */
export function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
}

/** Whether a text fits into one frame, counted as the JSON it travels in. */
export function fitsFrame(text: string): boolean {
  if (text.length * 6 <= maxFrameText) return true
  return new TextEncoder().encode(JSON.stringify(text)).length <= maxFrameText
}

/** A new message: plain text, or what is said to another message. */
export function outgoing(
  text: string,
  replied: Pick<ChatMessage, 'seq'> | undefined,
  mentions: readonly string[],
): Outgoing {
  const words = trimmed(text)
  const message =
    replied === undefined
      ? { type: msgType.text, content: { text: { text: words } } }
      : { type: msgType.quote, content: { quote: { seq: replied.seq, text: words } } }
  return mentions.length === 0 ? message : { ...message, mentions }
}

/** An own message with other words; a quote keeps what it quotes. */
export function edited(message: Pick<ChatMessage, 'type' | 'content'>, text: string): ChatMessage['content'] {
  const words = trimmed(text)
  const quoted = message.content.quote
  return message.type === msgType.quote && quoted !== undefined
    ? { quote: { seq: quoted.seq, text: words } }
    : { text: { text: words } }
}
