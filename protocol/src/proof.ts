import type { Proof } from './message.ts'

/** SHA-256 of UTF-8 text in base64url without padding. */
export type Sha256 = (text: string) => string

/**
 * The digest a message is vouched for with: of its body as sent – the typed body as JSON text, without the snapshot
 * that the server adds to a quote – behind a random salt, so that nobody can guess a short text from it.
 */
export function digestOf(sha256: Sha256, salt: string, body: string): string {
  return sha256(salt + body)
}

export type Chained = Omit<Proof, 'salt' | 'chain'> & { readonly conversation_id: string }

/**
 * The chain value of a message: whoever holds it has fixed everything before it. It covers the digest and not the
 * body, so that recalling or erasing a message leaves the chain valid.
 * @param before chain value of the message before it, '' for the first
 */
export function chainOf(sha256: Sha256, before: string, message: Chained): string {
  const { conversation_id, seq, id, sender_id, client_msg_id, msg_type, send_at, digest } = message
  return sha256(
    JSON.stringify([before, conversation_id, seq, id, sender_id, client_msg_id, msg_type, send_at, digest]),
  )
}
