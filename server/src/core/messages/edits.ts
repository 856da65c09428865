import { type Body, ImError, type Input, msgType, readContent, typedContent } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import type { Handlers, Result } from '../handler.ts'
import type { Entry } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { isGone, printMeta, readMeta } from './meta.ts'
import { onStanding, rewrite } from './rewriting.ts'
import type { Sighting } from './sighting.ts'
import type { Standing } from './standings.ts'

type QuoteBody = Body & { readonly snapshot?: unknown }

/** Words only, and only by their author: what was sent before stays readable as an earlier version. */
async function edit(
  world: World,
  caller: Caller,
  input: Input<'message.edit'>,
  { entry, touch, standing }: Sighting & { readonly standing: Standing },
): Promise<Entry> {
  if (entry.sender_id !== caller.userId) throw new ImError('not_author')
  if (isGone(entry)) throw new ImError('message_gone')
  const now = world.clock.now()
  if (now > entry.send_at + world.rules.editWindow) throw new ImError('too_late')
  const body = editedBody(entry, input.content)
  if (body === entry.body) return entry
  const meta = readMeta(entry)
  const edits = meta.edits ?? 0
  needRoom(world.rules.caps, 'edits', edits)
  const edition = edits + 1
  const edited = { ...entry, body, meta: printMeta({ ...meta, edited_at: now, edits: edition }) }
  const { conversation_id, seq } = entry
  const row = {
    conversation_id,
    seq,
    edition,
    body: asSent(entry),
    // The digest vouches for the original alone.
    salt: edition === 1 ? entry.salt : '',
    at: meta.edited_at ?? entry.send_at,
  }
  await onStanding(world, caller.userId, standing, () =>
    rewrite(world, {
      conversation: conversation_id,
      rewrites: [{ entry: edited, touch }],
      expect: standing.expect,
      put: ({ position }) => [{ kind: 'edit', row: { ...row, position } }],
    }),
  )
  return edited
}

/** The new body as it is stored. A quote keeps what it quotes, and the picture of that. */
function editedBody({ msg_type, body }: Entry, content: unknown): string {
  if (msg_type === msgType.text) return JSON.stringify(readContent(msg_type, content))
  if (msg_type !== msgType.quote) throw new ImError('not_editable')
  const { seq, server_msg_id, snapshot } = JSON.parse(body) as QuoteBody
  const given = readContent(msg_type, content)
  if (given['seq'] !== seq) throw new ImError('not_editable', { detail: 'a quote keeps what it quotes' })
  return JSON.stringify({ seq, server_msg_id, text: given['text'], snapshot })
}

/** The body as its sender wrote it, without the snapshot that the server adds to a quote. */
function asSent({ msg_type, body }: Entry): string {
  if (msg_type !== msgType.quote) return body
  const { snapshot: _, ...sent } = JSON.parse(body) as QuoteBody
  return JSON.stringify(sent)
}

async function edits(
  world: World,
  input: Input<'message.edits'>,
  { entry }: Sighting,
): Promise<Result<'message.edits'>> {
  if (isGone(entry)) throw new ImError('message_gone')
  const rows = await world.store.list('edit', 'by_message', [input.conversation_id, input.seq])
  return rows.map(({ body, at }) => ({
    content: typedContent(entry.msg_type, JSON.parse(body) as Body),
    at,
  }))
}

export const editHandlers = {
  'message.edit': edit,
  'message.edits': (world, _, input, sighting) => edits(world, input, sighting),
} satisfies Partial<Handlers>
