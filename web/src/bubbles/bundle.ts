import type { ChatMessage } from '@nexo-im/client'
import { type Body, numberIn, wordsIn } from './body.ts'

/** Name of the custom messages that hold a stretch of another conversation. */
export const bundleType = 'nexo.merged'

export interface Bundle {
  readonly title: string
  readonly items: readonly BundleItem[]
}

export interface BundleItem extends Pick<ChatMessage, 'type' | 'content' | 'senderId' | 'sentAt'> {
  readonly key: string
}

/** Reads what a server put together, believing nothing; undefined when it is no bundle. */
export function bundleOf(body: Body): Bundle | undefined {
  if (body['type'] !== bundleType) return undefined
  try {
    const data = JSON.parse(wordsIn(body, 'data') ?? '') as { title?: unknown; items?: unknown }
    if (!Array.isArray(data.items)) return undefined
    const items = data.items.flatMap((item, i) => itemOf(item, i))
    return { title: typeof data.title === 'string' ? data.title : '', items }
  } catch {
    return undefined
  }
}

function itemOf(item: unknown, i: number): BundleItem[] {
  if (typeof item !== 'object' || item === null) return []
  const fields = item as Body
  const content = fields['content']
  const type = numberIn(fields, 'msg_type')
  if (type === undefined || typeof content !== 'object' || content === null) return []
  return [
    {
      key: String(i),
      type,
      content: content as ChatMessage['content'],
      senderId: wordsIn(fields, 'sender_id') ?? '',
      sentAt: numberIn(fields, 'send_at') ?? 0,
    },
  ]
}
