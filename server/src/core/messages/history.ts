import { ImError, type Input, type Proof } from '@nexo-im/protocol'
import type { Window } from '../conversations/windows.ts'
import type { Handlers } from '../handler.ts'
import type { Entry } from '../ports.ts'
import type { World } from '../world.ts'
import { asSeen } from './hindsight.ts'

const pageLimit = 100

/** Messages inside the caller's window, ascending (nexo-wire section 8, "Pull"). */
async function pull(
  world: World,
  input: Input<'message.pull'>,
  window: Window,
): Promise<{ messages: Entry[]; max_seq: number }> {
  const { from, to, count } = stretch(input, window)
  const messages = from > to ? [] : await readLog(world, input.conversation_id, from, to, count)
  return { messages: [...(await asSeen(world, window.view, messages))], max_seq: window.maxSeq }
}

/** The part of a conversation that `begin_seq`, `end_seq` and `limit` ask for, cut to the window. */
export function stretch(
  { begin_seq: begin = 0, end_seq: end = 0, limit = pageLimit }: Input<'message.pull'>,
  { minSeq, maxSeq }: Window,
): { from: number; to: number; count: number } {
  return {
    from: Math.max(begin, minSeq),
    to: end <= 0 ? maxSeq : Math.min(end, maxSeq),
    count: limit <= 0 || limit > pageLimit ? pageLimit : limit,
  }
}

async function readLog(
  world: World,
  conversation: string,
  from: number,
  to: number,
  limit: number,
): Promise<Entry[]> {
  try {
    return await world.store.read(conversation, from, to, limit)
  } catch (cause) {
    throw cause instanceof ImError ? cause : new ImError('pull_failed', { cause })
  }
}

async function pullList(
  world: World,
  input: Input<'message.pull_list'>,
  window: Window,
): Promise<{ messages: Entry[]; max_seq: number }> {
  if (!input.seq_list?.length) return pull(world, input, window)
  const { minSeq, maxSeq } = window
  const wanted = [...new Set(input.seq_list)].filter((s) => s >= minSeq && s <= maxSeq).sort((a, b) => a - b)
  const found: Entry[] = []
  for (const [from, to] of runs(wanted)) {
    found.push(...(await readLog(world, input.conversation_id, from, to, to - from + 1)))
  }
  return { messages: [...(await asSeen(world, window.view, found))], max_seq: maxSeq }
}

/** 1 2 3 7 8 → [1,3] [7,8]: as few reads as there are runs. */
function runs(seqs: readonly number[]): [number, number][] {
  const out: [number, number][] = []
  for (const seq of seqs) {
    const last = out.at(-1)
    if (last && seq === last[1] + 1) last[1] = seq
    else out.push([seq, seq])
  }
  return out
}

/** Digests and chain values of a stretch, and the chain value in front of it. */
async function proofs(
  world: World,
  input: Input<'message.proofs'>,
  window: Window,
): Promise<{ anchor: string; proofs: Proof[]; max_seq: number }> {
  const { from, to, count } = stretch(input, window)
  if (from > to) return { anchor: '', proofs: [], max_seq: window.maxSeq }
  const [before] = from > 1 ? await readLog(world, input.conversation_id, from - 1, from - 1, 1) : []
  const entries = await readLog(world, input.conversation_id, from, to, count)
  return {
    anchor: before?.chain ?? '',
    proofs: entries.map(({ seq, id, sender_id, client_msg_id, msg_type, send_at, digest, salt, chain }) => ({
      seq,
      id,
      sender_id,
      client_msg_id,
      msg_type,
      send_at,
      digest,
      salt,
      chain,
    })),
    max_seq: window.maxSeq,
  }
}

export const historyHandlers = {
  'message.pull': (world, _, input, window) => pull(world, input, window),
  'message.pull_list': (world, _, input, window) => pullList(world, input, window),
  'message.max_seq': (_world, _, _input, window) => ({ max_seq: window.maxSeq }),
  'message.proofs': (world, _, input, window) => proofs(world, input, window),
} satisfies Partial<Handlers>
