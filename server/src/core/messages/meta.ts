import type { Message } from '@nexo-im/protocol'
import type { Entry } from '../ports.ts'

/** What may stand beside the body of a stored message. Parts this version does not know are carried along. */
export type Meta = Pick<
  Message,
  'mentions' | 'forwarded' | 'edited_at' | 'edits' | 'gone' | 'expires_at' | 'reactions' | 'pinned'
>

/** `Entry.meta` is the inside of a JSON object, so that an answer can take it over as it is. */
export function readMeta({ meta }: Pick<Entry, 'meta'>): Meta {
  return JSON.parse(`{${meta}}`) as Meta
}

/** Parts that are undefined are left out. */
export function printMeta(meta: { readonly [Part in keyof Meta]: Meta[Part] | undefined }): string {
  return JSON.stringify(meta).slice(1, -1)
}

/** Recalled, deleted for everybody or expired: no typed body is ever empty text. */
export function isGone({ body }: Pick<Entry, 'body'>): boolean {
  return body === ''
}
