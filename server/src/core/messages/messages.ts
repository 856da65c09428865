import {
  type Body,
  type Content,
  contentType,
  digestOf,
  ImError,
  type Input,
  mentionAll,
  msgType,
  parseConversationId,
  peerOf,
  preview,
  readContent,
  roles,
  typedContent,
} from '@nexo-im/protocol'
import { Conflict } from '../conflict.ts'
import { freshView } from '../conversations/windows.ts'
import type { Handlers } from '../handler.ts'
import type { HandlerMessage } from '../hooks.ts'
import type { Entry, Expectation, Put, Raise } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import type { Draft, Place } from '../writer.ts'
import { expiryTimer } from './expiry-timer.ts'
import { proveMessage } from './sighting.ts'
import type { Standing } from './standings.ts'

/** A message on its way into the log: what its sender said, and what the server adds. */
export interface Outgoing {
  readonly clientMsgId: string
  readonly type: number
  readonly body: Body
  readonly mentions?: readonly string[]
  /** Sent on from elsewhere. */
  readonly forwarded?: boolean
}

/** Everybody may be mentioned by everybody in groups up to this size, beyond it by admins only (A39). */
const mentionAllLimit = 200

/**
 * Stores a message and resolves with it after the durable commit. A repeat of (sender, client_msg_id) gets the
 * stored message; with another conversation or body 4002 (nexo-wire section 9).
 */
export async function sendMessage(
  world: World,
  caller: Caller,
  standing: Standing,
  message: Outgoing,
  markRead: boolean,
): Promise<Entry> {
  const { conversation } = standing
  const mentions = message.mentions && (await refineMentions(world, standing, message.mentions))
  const quoted =
    message.type === msgType.quote ? await withSnapshot(world, caller, conversation, message.body) : undefined
  const sent = JSON.stringify(message.body)
  const salt = world.random.salt()
  const base = {
    conversation_id: conversation,
    sender_id: caller.userId,
    client_msg_id: message.clientMsgId,
    msg_type: message.type,
    body: quoted ? JSON.stringify(quoted.body) : sent,
    salt,
    digest: digestOf(world.sha256, salt, sent),
  }
  const written = world.writer.offer({
    conversation,
    build: (place) => {
      // Clocks are set back, and those of two nodes differ: the order of a conversation is that of its seqs.
      const now = Math.max(world.clock.now(), place.headAt)
      const meta = metaOf(message, mentions, standing, now)
      const entry = { ...base, seq: place.head + 1, id: place.position, send_at: now, meta }
      const expect = quoted ? [...standing.expect, quoted.lock] : standing.expect
      return draft(entry, place, { standing, expect, markRead, mentions, body: message.body })
    },
    kept: (change) => {
      const { append } = change
      if (append && markRead) {
        world.router.raise(conversation, caller.userId, {
          readSeq: append.seq,
          deliveredSeq: append.seq,
        })
      }
    },
  })
  caller.placed?.()
  const verdict = await written
  if ('change' in verdict && verdict.change.append) return verdict.change.append
  if ('refusal' in verdict && verdict.refusal.twin)
    return sameOrThrow(world, verdict.refusal.twin, conversation, message)
  world.standings.forget(caller.userId, conversation)
  throw new Conflict('standing')
}

function metaOf(
  { forwarded }: Outgoing,
  mentions: readonly string[] | undefined,
  { settings }: Standing,
  now: number,
): string {
  const parts: string[] = []
  if (mentions?.length) parts.push(`"mentions":${JSON.stringify(mentions)}`)
  if (forwarded) parts.push('"forwarded":true')
  if (settings.expire_after > 0) parts.push(`"expires_at":${now + settings.expire_after}`)
  return parts.join(',')
}

interface Around {
  readonly standing: Standing
  readonly expect: readonly Expectation[]
  readonly markRead: boolean
  readonly mentions: readonly string[] | undefined
  readonly body: Body
}

type Unchained = Omit<Entry, 'chain'>

/** One row for the sender at most; only the very first message of a single chat opens both windows. */
function draft(entry: Unchained, { position }: Place, around: Around): Draft {
  const { standing, expect, markRead } = around
  const puts = extraPuts(entry, around)
  const raises: Raise[] = [...mentionRaises(entry, around)]
  if (standing.groupId === '' && entry.seq === 1) {
    for (const userId of new Set([entry.sender_id, standing.recvId])) {
      // Notices from before the first message had nobody to see them.
      const view = {
        ...freshView(entry.conversation_id, userId, position, entry.send_at),
        from_position: position,
      }
      puts.push({
        kind: 'view',
        row: userId === entry.sender_id && markRead ? { ...view, read_seq: 1 } : view,
      })
    }
  } else if (markRead) {
    raises.push({
      kind: 'view',
      key: [entry.conversation_id, entry.sender_id],
      to: { read_seq: entry.seq },
    })
  }
  return {
    append: entry,
    expect,
    ...(puts.length > 0 && { put: puts }),
    ...(raises.length > 0 && { raise: raises }),
  }
}

/** Records beside the message itself; almost every message has none. */
function extraPuts(entry: Unchained, { standing, mentions, body }: Around): Put[] {
  const { conversation_id, seq } = entry
  const puts: Put[] = []
  for (const user_id of mentions ?? []) puts.push({ kind: 'mention', row: { conversation_id, user_id, seq } })
  if (mentions?.includes(mentionAll))
    puts.push({ kind: 'conversation', row: { ...standing.settings, mention_all_seq: seq } })
  if (entry.msg_type === msgType.quote)
    puts.push({ kind: 'quotation', row: { conversation_id, quoted_seq: Number(body['seq']), seq } })
  if (standing.settings.expire_after > 0)
    puts.push(expiryTimer(conversation_id, seq, entry.send_at + standing.settings.expire_after))
  return puts
}

function mentionRaises({ conversation_id, seq }: Unchained, { mentions = [] }: Around): Raise[] {
  return mentions
    .filter((id) => id !== mentionAll)
    .map((id) => ({ kind: 'view', key: [conversation_id, id], to: { mention_seq: seq } }))
}

/** Only people who are in the conversation can be mentioned; others are left out. */
async function refineMentions(
  world: World,
  { conversation, groupId, role }: Standing,
  mentions: readonly string[],
): Promise<readonly string[]> {
  const unique = [...new Set(mentions)]
  if (unique.includes(mentionAll) && groupId !== '' && role < roles.admin) {
    const [size] = await world.store.get('group_size', [[groupId]])
    if ((size?.members ?? 0) > mentionAllLimit) {
      throw new ImError('not_admin', {
        detail: `mentions: only admins mention more than ${mentionAllLimit} people`,
      })
    }
  }
  if (groupId === '') {
    const ref = parseConversationId(conversation)
    return unique.filter((id) => id === mentionAll || (ref?.type === 'single' && ref.users.includes(id)))
  }
  const views = await world.store.get(
    'view',
    unique.map((id) => [conversation, id]),
  )
  return unique.filter((id, i) => id === mentionAll || views[i]?.max_seq === null)
}

/** The lock is a condition of the send: what is recalled meanwhile must not live on in a quote. */
async function withSnapshot(
  world: World,
  caller: Caller,
  conversation: string,
  body: Body,
): Promise<{ readonly body: Body; readonly lock: Expectation }> {
  const { entry, touch } = await proveMessage(world, caller.userId, conversation, Number(body['seq']))
  if (entry.body === '') throw new ImError('message_gone')
  const content = typedContent(entry.msg_type, JSON.parse(entry.body)) as Content
  const line = preview(entry.msg_type, content)
  return {
    body: { ...body, snapshot: { sender_id: entry.sender_id, msg_type: entry.msg_type, preview: line } },
    lock: { kind: 'touch', key: [conversation, entry.seq], version: touch?.version ?? 0 },
  }
}

/**
 * Compared by digest: the body may have been edited since, and once it is gone the ids alone must do – a retry is told
 * that its message was stored.
 */
export function sameOrThrow(
  world: World,
  twin: Entry,
  conversation: string,
  { type, body }: Outgoing,
): Entry {
  const same =
    twin.conversation_id === conversation &&
    twin.msg_type === type &&
    (twin.salt === '' || twin.digest === digestOf(world.sha256, twin.salt, JSON.stringify(body)))
  if (!same) throw new ImError('duplicate_message')
  return twin
}

export function outgoing(world: World, input: Input<'message.send'>): Outgoing {
  const body = readContent(input.msg_type, input.content)
  world.customTypes.judge(input.msg_type, body)
  return {
    clientMsgId: input.client_msg_id,
    type: input.msg_type,
    body,
    ...(input.mentions?.length && { mentions: input.mentions }),
  }
}

/**
 * A retry must learn that its message was stored, even after its sender left: the contract looks for it before anything
 * else, we when the sender may not write, because almost no send is a repeat.
 */
export async function storedTwin(
  world: World,
  caller: Caller,
  conversation: string,
  input: Input<'message.send'>,
): Promise<Entry | undefined> {
  const [twin] = await world.store.twins([[caller.userId, input.client_msg_id]])
  return twin && sameOrThrow(world, twin, conversation, outgoing(world, input))
}

/** The message as the embedding program sees it (M-21). */
export function handlerMessage(entry: Entry): HandlerMessage {
  const ref = parseConversationId(entry.conversation_id)
  const body = JSON.parse(entry.body || '{}') as Record<string, unknown>
  return {
    type: contentType(entry.msg_type)?.name ?? 'custom',
    content: entry.msg_type === msgType.text ? String(body['text'] ?? '') : entry.body,
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

export const messageHandlers = {
  'message.send': (world, caller, input, standing) =>
    sendMessage(world, caller, standing, outgoing(world, input), true),
  'message.send_without_mark_read': (world, caller, input, standing) =>
    sendMessage(world, caller, standing, outgoing(world, input), false),
} satisfies Partial<Handlers>
