import type { ChatMessage } from '@nexo-im/client'
import { msgType } from '@nexo-im/protocol'
import type { Text } from '../i18n/index.ts'
import { type Body, bodyOf, wordsIn } from './body.ts'
import { bundleOf, bundleType } from './bundle.ts'

export type Previewed = Pick<ChatMessage, 'type' | 'content' | 'gone' | 'hidden'>

/** One line for the list and for screen readers, in the reader's language. */
export function previewOf(message: Previewed, t: Text): string {
  if (message.gone !== undefined)
    return message.gone.cause === 'expired' ? t.count('message.expired', 1) : t('message.gone')
  if (message.hidden === true) return ''
  const body = bodyOf(message)
  return body === undefined ? t('preview.unknown') : lineOf(message.type, body, t)
}

function lineOf(type: number, body: Body, t: Text): string {
  switch (type) {
    case msgType.text:
      return oneLine(wordsIn(body, 'text') ?? '')
    case msgType.image:
      return t('preview.image')
    case msgType.video:
      return t('preview.video')
    case msgType.voice:
      return t('preview.voice')
    case msgType.file:
      return t('preview.file', { name: wordsIn(body, 'name') ?? '' })
    case msgType.location:
      return t('preview.location')
    case msgType.card:
      return t('preview.card', { name: wordsIn(body, 'name') ?? wordsIn(body, 'user_id') ?? '' })
    case msgType.quote:
      return oneLine(wordsIn(body, 'text') ?? t('preview.quote'))
    case msgType.custom:
      return body['type'] === bundleType
        ? t('bundle.preview', { title: bundleOf(body)?.title ?? '' }).trim()
        : (wordsIn(body, 'type') ?? t('preview.custom'))
    default:
      return t('preview.unknown')
  }
}

function oneLine(text: string): string {
  return text.slice(0, 160).replaceAll(/\s+/g, ' ')
}
