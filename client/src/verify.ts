import {
  asImError,
  type Content,
  chainOf,
  contentType,
  digestOf,
  type Message,
  type Proof,
} from '@nexo-im/protocol'
import type { Call } from './call.ts'
import { sha256 } from './sha256.ts'

/**
 * gap: a message is missing. repeat: one comes twice. order: two are swapped. digest: a message is not what its proof
 * vouches for. chain: a proof does not follow from the one before it. fork: this history is another one than before.
 */
export type Problem = 'gap' | 'repeat' | 'order' | 'digest' | 'chain' | 'fork'

/** The first place at which a log is not what it should be. */
export interface Difference {
  readonly ok: false
  readonly seq: number
  readonly problem: Problem
  readonly expected: string
  readonly found: string
}

/** A place in a log that somebody vouches for: an earlier verification, another device, the answer to a send. */
export interface Head {
  readonly seq: number
  /** Chain value of the message with this seq. */
  readonly chain: string
}

export interface Verified {
  readonly ok: true
  /** First and last seq that were checked; `to` is below `from` when there was nothing. */
  readonly from: number
  readonly to: number
  /** Chain value in front of `from`; `''` in front of the first message. */
  readonly anchor: string
  /** Chain value of `to`: whoever holds the same one has the same log up to there. */
  readonly head: string
  /** How many bodies were checked against their digest; recalled, hidden and edited ones are not. */
  readonly bodies: number
  /** Only with `keep`. */
  readonly proofs?: readonly Proof[]
}

export interface VerifyOptions {
  /** First and last seq; the whole visible log unless given. */
  readonly from?: number
  readonly to?: number
  /** Also loads the messages and checks their bodies. */
  readonly bodies?: boolean
  /** Also loads the first versions of edited messages; one question each. */
  readonly edits?: boolean
  /** Goes on behind what was verified before. */
  readonly after?: Head
  /** What must be found on the way. */
  readonly known?: readonly Head[]
  /** Hands out the proofs too, for `compareLogs`. */
  readonly keep?: boolean
}

/** A stretch of one conversation as one reader sees it. */
export interface ReadLog {
  readonly anchor: string
  readonly proofs: readonly Proof[]
}

const page = 100

/**
 * Reads a conversation's log and checks that nothing in it is missing, doubled, swapped or altered. Resolves with the
 * first difference; rejects with ImError when the server cannot be asked.
 */
export async function verifyConversation(
  call: Call,
  conversationId: string,
  options: VerifyOptions = {},
): Promise<Verified | Difference> {
  const from = options.after
    ? options.after.seq + 1
    : (options.from ?? (await firstSeq(call, conversationId)))
  const walk = createWalk(conversationId, from, options)
  let to = options.to ?? Number.POSITIVE_INFINITY
  while (walk.next <= to) {
    const stretch = {
      conversation_id: conversationId,
      begin_seq: walk.next,
      end_seq: Number.isFinite(to) ? to : 0,
    }
    const limited = { ...stretch, limit: page }
    const [answer, pulled] = await Promise.all([
      call('message.proofs', limited),
      options.bodies || options.edits ? call('message.pull', limited) : undefined,
    ])
    const promised = lastPromised(options)
    if (answer.max_seq < promised)
      return differs(answer.max_seq + 1, 'gap', `a log up to ${promised}`, `a log up to ${answer.max_seq}`)
    // What is said from now on is not part of the question.
    to = Math.min(to, answer.max_seq)
    const first = walk.next
    const messages = pulled && new Map(pulled.messages.map((m) => [m.seq, m]))
    const originals = options.edits ? await firstVersions(call, pulled?.messages ?? []) : undefined
    const difference = walk.page(answer, to, messages, originals)
    if (difference) return difference
    if (walk.next === first && walk.next <= to) return differs(first, 'gap', String(first), 'nothing')
  }
  return walk.done()
}

/** Up to where somebody vouched for the log, as far as it is asked about. */
function lastPromised({ after, known = [], to = Number.POSITIVE_INFINITY }: VerifyOptions): number {
  return Math.max(after?.seq ?? 0, ...known.map((head) => head.seq).filter((seq) => seq <= to))
}

/** Where the user's view begins: below it nothing is theirs to check. */
async function firstSeq(call: Call, conversationId: string): Promise<number> {
  try {
    return (await call('conversation.info', { conversation_id: conversationId })).min_seq ?? 1
  } catch (thrown) {
    if (asImError(thrown).kind === 'conversation_not_found') return 1
    throw thrown
  }
}

async function firstVersions(call: Call, messages: readonly Message[]): Promise<Map<number, Content>> {
  const first = new Map<number, Content>()
  for (const { conversation_id, seq, edits = 0, gone, hidden } of messages) {
    if (edits === 0 || gone || hidden) continue
    const [version] = await call('message.edits', { conversation_id, seq })
    if (version) first.set(seq, version.content as Content)
  }
  return first
}

interface Walk {
  readonly next: number
  /** Takes in one answer of the server, as far as it lies before `to`. */
  page(
    answer: ReadLog,
    to: number,
    messages?: ReadonlyMap<number, Message>,
    originals?: ReadonlyMap<number, Content>,
  ): Difference | undefined
  done(): Verified
}

/** Goes along a log seq by seq and remembers no more than it must. */
function createWalk(conversationId: string, from: number, { after, known = [], keep }: VerifyOptions): Walk {
  const heads = new Map(known.map(({ seq, chain }) => [seq, chain]))
  const seen = new Map<string, number>()
  const kept: Proof[] = []
  let next = from
  let anchor = after?.chain
  let head = anchor
  let bodies = 0

  function step(proof: Proof, rest: readonly Proof[]): Difference | undefined {
    if (proof.seq !== next) return misplaced(next, proof, rest)
    const chain = chainOf(sha256, head ?? '', { ...proof, conversation_id: conversationId })
    if (chain !== proof.chain) return differs(next, 'chain', chain, proof.chain)
    const own = JSON.stringify([proof.sender_id, proof.client_msg_id])
    const twin = seen.get(own) ?? seen.get(String(proof.id))
    if (twin !== undefined) return differs(next, 'repeat', 'a message of its own', `message ${twin} again`)
    seen.set(own, next).set(String(proof.id), next)
    const promised = heads.get(next)
    if (promised !== undefined && promised !== chain) return differs(next, 'fork', promised, chain)
    head = chain
    next += 1
    if (keep) kept.push(proof)
    return undefined
  }

  return {
    get next() {
      return next
    },
    page: (answer, to, messages, originals) => {
      const first = next === from && anchor === undefined
      const expected = head ?? (next === 1 ? '' : answer.anchor)
      if (answer.proofs.length > 0 && answer.anchor !== expected)
        return differs(first ? next : next - 1, first ? 'chain' : 'fork', expected, answer.anchor)
      anchor ??= expected
      head ??= expected
      const proofs = answer.proofs.filter((p) => p.seq <= to)
      for (const [i, proof] of proofs.entries()) {
        const message = messages?.get(next)
        const wrong =
          proof.seq === next && messages ? misread(proof, message, originals?.get(next)) : undefined
        const difference = wrong === 'unchecked' ? undefined : wrong
        if (difference) return difference
        if (messages && wrong === undefined) bodies += 1
        const broken = step(proof, proofs.slice(i + 1))
        if (broken) return broken
      }
      return undefined
    },
    done: () => ({
      ok: true,
      from,
      to: next - 1,
      anchor: anchor ?? '',
      head: head ?? '',
      bodies,
      ...(keep && { proofs: kept }),
    }),
  }
}

function misplaced(next: number, proof: Proof, rest: readonly Proof[]): Difference {
  if (proof.seq < next) return differs(next, 'repeat', String(next), String(proof.seq))
  const isLater = rest.some((p) => p.seq === next)
  return differs(next, isLater ? 'order' : 'gap', String(next), String(proof.seq))
}

/** Whether a message is not the one its proof vouches for; `unchecked` when its words as sent are not at hand. */
function misread(
  proof: Proof,
  message: Message | undefined,
  original: Content | undefined,
): Difference | 'unchecked' | undefined {
  if (message === undefined) return differs(proof.seq, 'gap', String(proof.seq), 'no message')
  const [expected, found] = [outlineOf(proof), outlineOf(message)]
  if (expected !== found) return differs(proof.seq, 'digest', expected, found)
  const content = message.edits ? original : message.content
  // Nobody can check what is gone; the chain still vouches for its place.
  if (message.gone || message.hidden || content === undefined || proof.salt === '') return 'unchecked'
  const digest = digestOf(sha256, proof.salt, bodyOf(message.msg_type, content))
  return digest === proof.digest ? undefined : differs(proof.seq, 'digest', proof.digest, digest)
}

function outlineOf({ id, sender_id, client_msg_id, msg_type, send_at }: Proof | Message): string {
  return JSON.stringify([id, sender_id, client_msg_id, msg_type, send_at])
}

/** The body as its sender sent it: what a quote shows of the quoted message was added by the server. */
function bodyOf(type: number, content: Content): string {
  const key = contentType(type)?.key ?? ''
  const { snapshot: _, ...body } = (content as Record<string, Record<string, unknown>>)[key] ?? {}
  return JSON.stringify(body)
}

/**
 * Whether two readers were shown the same log, as far as their windows meet. Both must have been verified.
 * `compared` counts the places that were compared; 0 when the windows neither overlap nor touch.
 */
export function compareLogs(a: ReadLog, b: ReadLog): { ok: true; compared: number } | Difference {
  const [left, right] = [placesOf(a), placesOf(b)]
  let compared = 0
  for (const [seq, place] of [...left].sort(([x], [y]) => x - y)) {
    const twin = right.get(seq)
    if (twin === undefined) continue
    compared += 1
    if (twin.chain !== place.chain) return differs(seq, 'fork', place.chain, twin.chain)
    // The chain fixes the rest, in logs that were verified.
    if (place.proof && twin.proof && outlineOf(place.proof) !== outlineOf(twin.proof))
      return differs(seq, 'fork', outlineOf(place.proof), outlineOf(twin.proof))
  }
  return { ok: true, compared }
}

/** Chain values by seq, that in front of the first proof too. */
function placesOf({ anchor, proofs }: ReadLog): Map<number, { chain: string; proof?: Proof }> {
  const places = new Map<number, { chain: string; proof?: Proof }>(
    proofs.map((proof) => [proof.seq, { chain: proof.chain, proof }]),
  )
  const first = proofs[0]
  if (first && first.seq > 1) places.set(first.seq - 1, { chain: anchor })
  return places
}

function differs(seq: number, problem: Problem, expected: string, found: string): Difference {
  return { ok: false, seq, problem, expected, found }
}
