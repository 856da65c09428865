import type { Change, Entry, Store } from '../../core/ports.ts'

/** A message by `sender`; its client_msg_id follows from where it stands and who sent it. */
export function messageAt(conversation: string, seq: number, sender = 'ann'): Change & { append: Entry } {
  return {
    append: {
      conversation_id: conversation,
      seq,
      id: seq,
      sender_id: sender,
      client_msg_id: `${conversation} ${seq} ${sender}`,
      msg_type: 1,
      body: '{"text":"hi"}',
      send_at: 1_700_000_000_000 + seq,
      meta: '',
      salt: 'salt',
      digest: 'digest',
      chain: 'chain',
    },
  }
}

/** A small record; `version` is what must be there before. */
export function blockAt(name: string, next: number, version?: number): Change {
  return {
    put: [{ kind: 'block', row: { name, next } }],
    ...(version !== undefined && { expect: [{ kind: 'block', key: [name], version }] }),
  }
}

export async function seqsOf(store: Store, conversation: string): Promise<number[]> {
  return (await store.read(conversation, 0, 1e9, 1e9)).map((e) => e.seq)
}
