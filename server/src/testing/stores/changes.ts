import type { Change, Entry, Store } from '../../core/ports.ts'

/** A message; its client_msg_id follows from where it stands. */
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

/** The same as a change; its client_msg_id follows from who sent it, too. */
export function messageAt(conversation: string, seq: number, sender = 'ann'): Change & { append: Entry } {
  const client_msg_id = `${conversation} ${seq} ${sender}`
  return { append: entry(conversation, seq, { sender_id: sender, client_msg_id }) }
}

export function putUser(userId: string): Change {
  const row = {
    user_id: userId,
    nickname: userId,
    avatar: '',
    extra: null,
    password_hash: 'x',
    created_at: 1,
    updated_at: 1,
    status: 1,
    banned_until: null,
    custom_status: '',
    name_key: userId,
    position: 1,
  }
  return { put: [{ kind: 'user', row }] }
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
