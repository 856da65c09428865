import type { ErrorName, ImError } from '@nexo-im/protocol'

const deadly: ReadonlySet<ErrorName> = new Set([
  'unauthorized',
  'token_invalid',
  'token_expired',
  'token_missing',
])

/** Whether the answer says that the session is over, not merely that this request failed. */
export function isDeadToken(error: ImError): boolean {
  return deadly.has(error.kind)
}
