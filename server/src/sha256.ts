import { hash } from 'node:crypto'
import type { Sha256 } from '@nexo-im/protocol'

/** In one call, without a hash object: it runs twice for every message. */
export const sha256: Sha256 = (text) => hash('sha256', text, 'base64url')
