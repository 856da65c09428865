import {
  type Body,
  type Content,
  contentType,
  groupConversationId,
  ImError,
  type Input,
  msgType,
  parseConversationId,
  peerOf,
  preview,
  readContent,
  sessionType,
  singleConversationId,
  typedContent,
} from '@nexo-im/protocol'
import type { HandlerMessage } from './hooks.ts'
import { needRecipient, needWriter } from './policy.ts'
import type { Change, Entry, Expectation } from './ports.ts'
import { needWindow, type Window } from './windows.ts'
import type { Caller, World } from './world.ts'

type SendInput = Input<'message.send'>

interface Target {
  readonly conversation: string
  readonly recvId: string
  readonly groupId: string
}

/** Attempts against records that change under a send, e.g. the sender's role. */
const tries = 5

/** One target, and the one that `session_type` says (nexo-wire section 7). */
function targetOf(caller: Caller, input: SendInput): Target {
  const { recv_id: recvId = '', group_id: groupId = '', session_type: type = 0 } = input
  const single = type === sessionType.single || recvId !== ''
  if (!single && type !== sessionType.group && groupId === '') {
    throw new ImError('invalid_parameter', { detail: 'recv_id or group_id is required' })
  }
  const wrong = single ? recvId === '' || groupId !== '' || type === sessionType.group : groupId === ''
  if (wrong)
    throw new ImError('invalid_parameter', { detail: 'exactly the target of session_type is required' })
  return single
    ? { conversation: singleConversationId(caller.userId, recvId), recvId, groupId: '' }
    : { conversation: groupConversationId(groupId), recvId: '', groupId }
}

/**
 * Stores a message and resolves with it after the durable commit. A repeat of (sender, client_msg_id) gets the
 * stored message; with another conversation or body 4002 (nexo-wire section 9).
 */
export async function send(
  world: World,
  caller: Caller,
  input: SendInput,
  markRead: boolean,
): Promise<Entry> {
  const target = targetOf(caller, input)
  const body = readContent(input.msg_type, input.content)
  try {
    return await store(world, caller, input, target, body, markRead)
  } catch (error) {
    // A retry must learn that its message was stored, even after its sender left: the look-up comes first in
    // the contract, and last here, because almost no send is a repeat.
    if (!(error instanceof ImError)) throw error
    const [twin] = await world.store.twins([[caller.userId, input.client_msg_id]])
    if (twin && error.kind !== 'duplicate_message') return sameOrThrow(twin, target, input.msg_type, body)
    throw error
  }
}

async function store(
  world: World,
  caller: Caller,
  input: SendInput,
  target: Target,
  body: Body,
  markRead: boolean,
): Promise<Entry> {
  await world.numbers.ready(1)
  for (let attempt = 0; attempt < tries; attempt++) {
    const expect =
      target.groupId === ''
        ? await needRecipient(world, target.recvId)
        : await needWriter(world, caller, target.groupId)
    const full = input.msg_type === msgType.quote ? await withSnapshot(world, caller, target, body) : body
    const base = {
      conversation_id: target.conversation,
      id: world.numbers.next(),
      sender_id: caller.userId,
      client_msg_id: input.client_msg_id,
      msg_type: input.msg_type,
      body: JSON.stringify(full),
    }
    const written = world.writer.offer({
      conversation: target.conversation,
      build: (head) =>
        change({ ...base, seq: head + 1, send_at: world.clock.now() }, target, expect, markRead),
    })
    caller.placed?.()
    const verdict = await written
    if ('change' in verdict && verdict.change.append) return verdict.change.append
    if ('refusal' in verdict && verdict.refusal.twin) {
      return sameOrThrow(verdict.refusal.twin, target, input.msg_type, body)
    }
  }
  throw new ImError('seq_failed', { retryAfter: 1 })
}

/** One row for the sender at most; only the very first message of a single chat opens both windows. */
function change(entry: Entry, target: Target, expect: readonly Expectation[], markRead: boolean): Change {
  if (target.groupId === '' && entry.seq === 1) {
    const users = new Set([entry.sender_id, target.recvId])
    const put = [...users].map((user_id) => ({
      kind: 'view' as const,
      row: {
        conversation_id: entry.conversation_id,
        user_id,
        min_seq: 1,
        max_seq: null,
        read_seq: user_id === entry.sender_id && markRead ? 1 : 0,
        recv_msg_opt: 0,
        is_pinned: false,
        touched_at: entry.send_at,
      },
    }))
    return { append: entry, put, expect }
  }
  if (!markRead) return { append: entry, expect }
  const own = {
    kind: 'view' as const,
    key: [entry.conversation_id, entry.sender_id],
    to: { read_seq: entry.seq },
  }
  return { append: entry, raise: [own], expect }
}

async function withSnapshot(world: World, caller: Caller, target: Target, body: Body): Promise<Body> {
  const seq = Number(body['seq'])
  const { minSeq, maxSeq } = await needWindow(world, caller.userId, target.conversation)
  const visible = seq >= minSeq && seq <= maxSeq
  const [quoted] = visible ? await world.store.read(target.conversation, seq, seq, 1) : []
  if (!quoted) throw new ImError('message_not_found')
  const content = typedContent(quoted.msg_type, JSON.parse(quoted.body)) as Content
  const line = preview(quoted.msg_type, content)
  return { ...body, snapshot: { sender_id: quoted.sender_id, msg_type: quoted.msg_type, preview: line } }
}

function sameOrThrow(twin: Entry, target: Target, type: number, body: Body): Entry {
  const { snapshot: _, ...stored } = JSON.parse(twin.body) as Record<string, unknown>
  const same =
    twin.conversation_id === target.conversation &&
    twin.msg_type === type &&
    JSON.stringify(stored) === JSON.stringify(body)
  if (!same) throw new ImError('duplicate_message')
  return twin
}

const pageLimit = 100

/** Messages inside the caller's window, ascending (nexo-wire section 8, "Pull"). */
export async function pull(
  world: World,
  input: Input<'message.pull'>,
  { minSeq, maxSeq }: Window,
): Promise<{ messages: Entry[]; max_seq: number }> {
  const { begin_seq: begin = 0, end_seq: end = 0, limit = pageLimit } = input
  const from = Math.max(begin, minSeq)
  const to = end <= 0 ? maxSeq : Math.min(end, maxSeq)
  const count = limit <= 0 || limit > pageLimit ? pageLimit : limit
  const messages = from > to ? [] : await readLog(world, input.conversation_id, from, to, count)
  return { messages, max_seq: maxSeq }
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

export async function pullList(
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
  return { messages: found, max_seq: maxSeq }
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

/** The message as the embedding program sees it (M-21). */
export function handlerMessage(entry: Entry): HandlerMessage {
  const ref = parseConversationId(entry.conversation_id)
  const body = JSON.parse(entry.body) as Record<string, unknown>
  return {
    type: contentType(entry.msg_type)?.name ?? 'custom',
    content: entry.msg_type === msgType.text ? String(body['text']) : entry.body,
    sender: entry.sender_id,
    receiver: ref?.type === 'single' ? peerOf(ref.users, entry.sender_id) : '',
    group_id: ref?.type === 'group' ? ref.groupId : '',
    sequence: entry.seq,
    timestamp: entry.send_at,
    status: 'sent',
    id: entry.id,
    conversation_id: entry.conversation_id,
    client_msg_id: entry.client_msg_id,
  }
}
