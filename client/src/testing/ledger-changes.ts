import { type Change, ImError, type Output, parseConversationId, peerOf } from '@nexo-im/protocol'
import type { Book, Placed, View } from './ledger-book.ts'

const within = (from: number, position: number): boolean => position > from

/** `sync.changes` as the server answers it: what moved behind a position, each thing once, as it stands now. */
export function changesSince(
  book: Book,
  me: string,
  position: string | undefined,
  limit = 200,
): Output<'sync.changes'> {
  const to = String(book.position)
  if (position === undefined) return { position: to, has_more: false, changes: [] }
  const from = Number(position)
  if (!/^\d+$/.test(position) || from > book.position) throw new ImError('invalid_parameter')
  const found = [
    ...book.conversations(me).flatMap((id) => ofConversation(book, me, id, from)),
    ...ofAccount(book, me, from),
  ].sort((a, b) => a.position - b.position)
  const last = found[limit - 1]
  if (found.length <= limit || last === undefined) return { position: to, has_more: false, changes: found }
  const page = found.filter((c) => c.position <= last.position)
  const more = page.length < found.length
  return { position: more ? String(last.position) : to, has_more: more, changes: page }
}

function ofConversation(book: Book, me: string, id: string, from: number): Change[] {
  const view = book.view(me, id)
  const ref = parseConversationId(id)
  const peer = ref?.type === 'single' ? book.views.get(`${peerOf(ref.users, me)} ${id}`)?.position : 0
  const head = view.maxSeq === undefined ? (book.log(id).at(-1)?.id ?? 0) : 0
  const position = Math.max(view.position, head, peer ?? 0)
  const hidden = [...(book.hidden.get(`${me} ${id}`) ?? [])].filter(([, at]) => within(from, at))
  const lastHidden = hidden.at(-1)
  return [
    ...(within(from, position) ? [{ position, conversation: book.row(id, me, true) }] : []),
    ...insideOf(book, me, id, view, from),
    ...(lastHidden
      ? [{ position: lastHidden[1], hidden: { conversation_id: id, seqs: hidden.map(([seq]) => seq) } }]
      : []),
  ]
}

/** Whether something that happened at a position falls into the view. */
export function sees(view: View, position: number): boolean {
  return position >= view.from && position <= (view.to ?? Number.POSITIVE_INFINITY)
}

function insideOf(book: Book, me: string, id: string, view: View, from: number): Change[] {
  const top = book.head(me, id)
  const touches = [...(book.touches.get(id) ?? [])].filter(
    ([seq, at]) => within(from, at) && sees(view, at) && seq >= view.minSeq && seq <= top,
  )
  const notices = (book.notices.get(id) ?? []).filter(
    (n) => within(from, n.position) && sees(view, n.position),
  )
  const messages = touches.flatMap(([seq, position]) => {
    const message = book.log(id)[seq - 1]
    return message ? [{ position, message }] : []
  })
  const lastNotice = notices.at(-1)
  return [
    ...messages,
    ...notices.map((notice) => ({ position: notice.position, notice })),
    ...(lastNotice ? groupBehind(book, me, id, lastNotice.position) : []),
  ]
}

function groupBehind(book: Book, me: string, id: string, position: number): Change[] {
  const ref = parseConversationId(id)
  if (ref?.type !== 'group') return []
  const group = book.groups.get(ref.groupId)?.value
  const member = book.members.get(`${ref.groupId} ${me}`)?.value
  return [...(group ? [{ position, group }] : []), ...(member ? [{ position, member }] : [])]
}

function ofAccount(book: Book, me: string, from: number): Change[] {
  const moved = <T>(placed: Placed<T> | undefined): placed is Placed<T> =>
    placed !== undefined && within(from, placed.position)
  const profile = book.users.get(me)
  const privacy = book.privacy.get(me)
  const relations = [...book.relations].filter(([key, r]) => key.startsWith(`${me} `) && moved(r))
  const requests = [...book.requests].filter(([key, r]) => key.split(' ').includes(me) && moved(r))
  return [
    ...(moved(profile) ? [{ position: profile.position, profile: profile.value }] : []),
    ...(moved(privacy) ? [{ position: privacy.position, privacy: privacy.value }] : []),
    ...relations.map(([, { position, value }]) => ({ position, relation: value })),
    ...requests.map(([, { position, value }]) => ({ position, friend_request: value })),
  ]
}
