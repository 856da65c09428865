import type { Sha256 } from '@nexo-im/protocol'
import { sha256 as digest } from '@noble/hashes/sha2.js'

/** SHA-256 of UTF-8 text in base64url; at once, which `crypto.subtle` cannot, and on pages over plain HTTP too. */
export const sha256: Sha256 = (text) => {
  const bytes = digest(new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
