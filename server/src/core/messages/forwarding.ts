import { type Body, fitsBytes, ImError, type Input, msgType, typedContent } from '@nexo-im/protocol'
import type { Window } from '../conversations/windows.ts'
import type { Handlers } from '../handler.ts'
import type { Entry } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { type Outgoing, sameOrThrow, sendMessage } from './messages.ts'
import { isGone, readMeta } from './meta.ts'
import { sightings } from './sighting.ts'
import { targetOf } from './target.ts'

type Forward = Input<'message.forward'>

/** As long as a client_msg_id and the data of a custom message may be. */
const maxIdLength = 64
const maxDataBytes = 65_535

/**
 * Sends on what the caller may read, as messages of their own. All of it is judged before the first is sent; repeating
 * the call with the same ids resolves with what was stored, even when the source is gone by then.
 */
async function forward(world: World, caller: Caller, input: Forward, window: Window): Promise<Entry[]> {
  const { conversation } = targetOf(caller.userId, input)
  const ids = clientMsgIds(input)
  const twins = await world.store.twins(ids.map((id) => [caller.userId, id]))
  let messages: Outgoing[]
  try {
    messages = await readSource(world, caller, input, window, ids)
  } catch (error) {
    const stored = twins.filter((t) => t?.conversation_id === conversation && readMeta(t).forwarded)
    if (!(error instanceof ImError) || stored.length < ids.length) throw error
    return stored.flatMap((t) => t ?? [])
  }
  const standing = await world.standings.need(caller.userId, conversation)
  for (const [i, message] of messages.entries()) {
    const twin = twins[i]
    if (twin) sameOrThrow(world, twin, conversation, message)
  }
  takeSends(world, caller, conversation, twins.filter((t) => t === undefined).length)
  // At once: they are written in this order, and share a commit.
  return Promise.all(messages.map((m) => sendMessage(world, caller, standing, m, true)))
}

function clientMsgIds({ client_msg_id: id, seqs, merged }: Forward): string[] {
  const count = merged ? 1 : new Set(seqs).size
  const ids = Array.from({ length: count }, (_, i) => (i === 0 ? id : `${id}#${i}`))
  if ((ids.at(-1) ?? '').length > maxIdLength) {
    throw new ImError('invalid_parameter', {
      detail: `client_msg_id: leave room for a number behind it, ${maxIdLength} characters in all`,
    })
  }
  return ids
}

/** One request may bring a hundred messages: each of them counts, the first was taken at dispatch. */
function takeSends({ limits }: World, caller: Caller, conversation: string, count: number): void {
  if (caller.isOperator) return
  for (let i = 0; i < count; i++) {
    if (i > 0) limits.sends.take(caller.userId)
    limits.conversations.take(conversation)
  }
}

/** Throws `message_not_found`, `message_gone`, and `conflict` for what is meant to disappear. */
async function readSource(
  world: World,
  caller: Caller,
  { conversation_id: source, seqs, merged, title = '' }: Forward,
  window: Window,
  ids: readonly string[],
): Promise<Outgoing[]> {
  const seen = await sightings(world, caller.userId, source, window, seqs)
  if (seen.length < new Set(seqs).size) throw new ImError('message_not_found')
  const entries = seen.map((s) => s.entry)
  for (const entry of entries) {
    const detail = `seq: ${entry.seq}`
    if (isGone(entry)) throw new ImError('message_gone', { detail })
    if (readMeta(entry).expires_at !== undefined)
      throw new ImError('conflict', { detail: `${detail} disappears and cannot be sent on` })
  }
  const contents = entries.map(sentOn)
  if (!merged) return contents.map((c, i) => ({ ...c, clientMsgId: ids[i] ?? '', forwarded: true }))
  const items = entries.map(({ sender_id, send_at }, i) => {
    const { type, body } = contents[i] ?? { type: msgType.text, body: {} }
    return { sender_id, send_at, msg_type: type, content: typedContent(type, body) }
  })
  const data = JSON.stringify({ title, items })
  if (!fitsBytes(data, maxDataBytes))
    throw new ImError('invalid_parameter', { detail: `seqs: more than ${maxDataBytes} bytes together` })
  const body = { type: 'nexo.merged', data }
  return [{ clientMsgId: ids[0] ?? '', type: msgType.custom, body, forwarded: true }]
}

/** A quote is sent on as its words: what it quotes belongs to the conversation it was said in. */
function sentOn({ msg_type, body: stored, seq }: Entry): { type: number; body: Body } {
  const body = JSON.parse(stored) as Body
  if (msg_type !== msgType.quote) return { type: msg_type, body }
  const words = body['text']
  if (typeof words !== 'string')
    throw new ImError('invalid_parameter', { detail: `seqs: ${seq} is a quote without words` })
  return { type: msgType.text, body: { text: words } }
}

export const forwardHandlers = { 'message.forward': forward } satisfies Partial<Handlers>
