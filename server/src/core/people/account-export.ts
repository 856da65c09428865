import { ImError, type Input, memberStatus, type Output } from '@nexo-im/protocol'
import { detail, sketch } from '../conversations/listing.ts'
import { windowOf } from '../conversations/windows.ts'
import { shownApplication, shownGroup, shownMember } from '../groups/group-shapes.ts'
import type { Handlers } from '../handler.ts'
import type { Key, Scalar } from '../tables.ts'
import type { Caller, World } from '../world.ts'
import { needUser } from './accounts.ts'
import { waitingFrom } from './friend-requests.ts'
import { openPrivacy, shownPrivacy } from './privacy.ts'
import { relationsOf, shownRequest } from './relation-shapes.ts'
import { shownSignIn } from './sign-ins.ts'

type Document = Output<'account.export'>['list'][number]

/** A piece of one section, and where the next one starts; without that the section is done. */
interface Piece {
  readonly list: Document[]
  readonly next?: Key
}

type Section = (world: World, userId: string, after: Key | undefined) => Promise<Piece>

const pageSize = 100
/** Entries of logs that one page looks through: own messages may lie far apart. */
const scanLimit = 1000

/** Everything kept about an account, in this order. Nothing of others that the owner does not see anyway. */
const sections: readonly Section[] = [
  profile,
  signIns,
  relations,
  requestsGot,
  requestsSent,
  applications,
  groups,
  conversations,
  messages,
  reactions,
  scheduled,
]

async function exportAccount(
  world: World,
  caller: Caller,
  input: Input<'account.export'>,
): Promise<Output<'account.export'>> {
  const { at, after } = readCursor(input.cursor)
  const { list, next } = (await sections[at]?.(world, caller.userId, after)) ?? { list: [] }
  if (next) return { list, next_cursor: JSON.stringify([at, ...next]) }
  return at + 1 < sections.length ? { list, next_cursor: JSON.stringify([at + 1]) } : { list }
}

/** It names a section and a key within the own rows: whoever makes one up finds nothing but their own. */
function readCursor(cursor: string | undefined): { at: number; after: Key | undefined } {
  if (cursor === undefined) return { at: 0, after: undefined }
  const [at, ...key] = parsed(cursor)
  const isKey = key.every((k) => typeof k === 'string' || Number.isSafeInteger(k))
  if (typeof at !== 'number' || !Object.hasOwn(sections, at) || !isKey || key.length > 3) {
    throw new ImError('invalid_parameter', { detail: 'cursor: the next_cursor of a page is required' })
  }
  return { at, after: key.length > 0 ? (key as Scalar[]) : undefined }
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(cursor)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** Rows as documents; a full page goes on behind its last row. */
function piece<T>(rows: readonly T[], list: Document[], keyOf: (last: T) => Key): Piece {
  const last = rows.at(-1)
  return rows.length < pageSize || !last ? { list } : { list, next: keyOf(last) }
}

const paged = (after: Key | undefined): { limit: number; after?: Key } => ({
  limit: pageSize,
  ...(after && { after }),
})

async function profile(world: World, userId: string): Promise<Piece> {
  const [{ version: _, password_hash: __, ...user }, [privacy], [lastSeen]] = await Promise.all([
    needUser(world, userId),
    world.store.get('privacy', [[userId]]),
    world.store.get('last_seen', [[userId]]),
  ])
  return {
    list: [
      { kind: 'profile', data: user },
      { kind: 'privacy', data: privacy ? shownPrivacy(privacy) : openPrivacy },
      ...(lastSeen ? [{ kind: 'last_seen', data: { at: lastSeen.at } }] : []),
    ],
  }
}

async function signIns(world: World, userId: string): Promise<Piece> {
  const rows = await world.store.list('session', 'by_user', [userId])
  return { list: rows.map((row) => ({ kind: 'sign_in', data: shownSignIn(row) })) }
}

async function relations(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const rows = await world.store.list('relation', 'by_owner', [userId], paged(after))
  const shown = await relationsOf(world, rows)
  const list = shown.map((data) => ({ kind: 'relation', data }))
  return piece(rows, list, (r) => [r.other_id])
}

async function requestsGot(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const rows = await world.store.list('friend_request', 'changed_to', [userId], paged(after))
  const list = rows.map((r) => ({ kind: 'friend_request', data: shownRequest(r, userId) }))
  return piece(rows, list, (r) => [r.position])
}

async function requestsSent(world: World, userId: string): Promise<Piece> {
  const rows = await waitingFrom(world, userId)
  return { list: rows.map((r) => ({ kind: 'friend_request', data: shownRequest(r, userId) })) }
}

async function applications(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const rows = await world.store.list('application', 'by_change', [userId], paged(after))
  const list = rows.map((r) => ({ kind: 'application', data: shownApplication(r) }))
  return piece(rows, list, (r) => [r.position])
}

async function groups(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const rows = await world.store.list('member', 'by_user', [userId], paged(after))
  const ids = rows.map((r) => [r.group_id])
  const [found, sizes] = await Promise.all([
    world.store.get('group', ids),
    world.store.get('group_size', ids),
  ])
  const list = rows.map((member, i) => {
    const group = member.status === memberStatus.normal ? found[i] : undefined
    const shown = group && { group: shownGroup(group, sizes[i]?.members ?? 0) }
    return { kind: 'group', data: { member: shownMember(member), ...shown } }
  })
  return piece(rows, list, (r) => [r.group_id])
}

async function conversations(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const views = await world.store.list('view', 'by_user', [userId], paged(after))
  const shown = await detail(world, userId, await sketch(world, views, true), false)
  const list = shown.map((data) => ({ kind: 'conversation', data }))
  return piece(views, list, (v) => [v.conversation_id])
}

/** Own messages inside the own windows, conversation by conversation; the key is a conversation and a seq in it. */
async function messages(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const [from = '', behind = 0] = after ?? []
  const list: Document[] = []
  let budget = scanLimit
  let [view] = after
    ? await world.store.get('view', [[from, userId]])
    : await world.store.list('view', 'by_user', [userId], { limit: 1 })
  let seq = Number(behind)
  while (view) {
    const id: string = view.conversation_id
    const [head] = await world.writer.heads([id])
    const { minSeq, maxSeq } = windowOf(view, head)
    const entries = await world.store.read(id, Math.max(minSeq, seq + 1), maxSeq, budget)
    for (const { sender_id, digest: _, chain: __, salt: ___, meta, body, ...entry } of entries) {
      if (sender_id !== userId) continue
      const more = JSON.parse(`{${meta}}`) as Record<string, unknown>
      list.push({
        kind: 'message',
        data: { ...entry, content: body === '' ? null : JSON.parse(body), ...more },
      })
    }
    budget -= entries.length
    if (budget <= 0) return { list, next: [id, entries.at(-1)?.seq ?? seq] }
    // A conversation costs something even where nothing of it is shown.
    budget -= 1
    seq = 0
    ;[view] = await world.store.list('view', 'by_user', [userId], { limit: 1, after: [id] })
    if (view && budget <= 0) return { list, next: [view.conversation_id, 0] }
  }
  return { list }
}

async function reactions(world: World, userId: string, after: Key | undefined): Promise<Piece> {
  const rows = await world.store.list('reaction', 'by_user', [userId], paged(after))
  const list = rows.map(({ version: _, user_id: __, ...data }) => ({ kind: 'reaction', data }))
  return piece(rows, list, (r) => [r.conversation_id, r.seq, r.emoji])
}

async function scheduled(world: World, userId: string): Promise<Piece> {
  const rows = await world.store.list('timer', 'by_user', [userId, 'send'])
  const list = rows.map(({ timer_id: id, at, input, error }) => ({
    kind: 'scheduled',
    data: { id, at, message: JSON.parse(input) as unknown, ...(error !== '' && { error }) },
  }))
  return { list }
}

export const exportHandlers = { 'account.export': exportAccount } satisfies Partial<Handlers>
