import type { Input } from '@nexo-im/protocol'
import type { Handlers, Result } from '../handler.ts'
import { stretch } from '../messages/history.ts'
import type { Caller, World } from '../world.ts'
import { shownNotice } from './notices.ts'
import { seesPosition, type Window } from './windows.ts'

/** Of a stretch between two messages a thousand people may have joined; the first of them are told. */
const noticeLimit = 1000
const reactionLimit = 1000

/** Everything is found along an index that begins at the stretch, so it costs what it answers. */
async function extras(
  world: World,
  { userId }: Caller,
  input: Input<'conversation.extras'>,
  window: Window,
): Promise<Result<'conversation.extras'>> {
  const { conversation_id: conversation } = input
  const { from, to, count } = stretch(input, window)
  const end = Math.min(to, from + count - 1)
  // What stands in front of the first visible message belongs to it: there is no other one to find it by.
  const first = from === window.minSeq ? from - 1 : from
  const { view } = window
  // Positions rise with the seqs, so notices from before the own time are skipped, however many there are.
  const before = view ? [first, view.from_position - 1] : [first - 1]
  const [notices, reactions, hidden] = await Promise.all([
    world.store.list('notice', 'by_anchor', [conversation], { after: before, limit: noticeLimit }),
    world.store.list('reaction', 'by_user', [userId, conversation], {
      after: [from - 1],
      limit: reactionLimit,
    }),
    view?.hidden_count
      ? world.store.list('hidden', 'by_user', [userId, conversation], { after: [from - 1], limit: count })
      : [],
  ])
  return {
    notices: notices
      .filter((n) => n.at_seq <= end && (!view || seesPosition(view, n.position)))
      .map(shownNotice),
    my_reactions: reactions.filter((r) => r.seq <= end).map(({ seq, emoji }) => ({ seq, emoji })),
    hidden_seqs: hidden.filter((h) => h.seq <= end).map((h) => h.seq),
  }
}

export const extraHandlers = { 'conversation.extras': extras } satisfies Partial<Handlers>
