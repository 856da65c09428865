import { afterEach, beforeEach } from 'vitest'
import type { Change, Entry } from '../../core/ports.ts'
import type { Tuning } from '../../storage/mongodb/slots.ts'
import { type FreshMongodb, freshMongodb } from './mongodb.ts'

/** A fresh store for each test of the block that calls it. */
export function useFresh(server: string, tuning?: Tuning): () => FreshMongodb {
  let fresh: FreshMongodb
  beforeEach(async () => {
    fresh = await freshMongodb(server, tuning)
  })
  afterEach(() => fresh.store.close())
  return () => fresh
}

export function entry(conversation: string, seq: number, more: Partial<Entry> = {}): Entry {
  return {
    conversation_id: conversation,
    seq,
    id: seq,
    sender_id: 'ann',
    client_msg_id: `${conversation}-${seq}`,
    msg_type: 1,
    body: '{"text":"hi"}',
    send_at: 1_700_000_000_000 + seq,
    meta: '',
    salt: 'salt',
    digest: 'digest',
    chain: `chain-${seq}`,
    ...more,
  }
}

export function putBlock(name: string, next: number): Change {
  return { put: [{ kind: 'block', row: { name, next } }] }
}
