import { chainOf, digestOf, msgType, type Sha256 } from '@nexo-im/protocol'
import type { Entry, Store } from '../ports.ts'
import { isGone, readMeta } from './meta.ts'

/** The first place at which a stored log is not what it should be. */
export interface LogFault {
  readonly conversation: string
  readonly seq: number
  /** gap: a number is missing. chain: it does not follow from the message before it. digest: its body was altered. */
  readonly problem: 'gap' | 'chain' | 'digest'
}

export interface LogReport {
  readonly conversations: number
  readonly messages: number
  /** Bodies checked against their digest; recalled and erased ones have none. */
  readonly bodies: number
  /** At most one per conversation: behind the first fault nothing can be said. */
  readonly faults: readonly LogFault[]
}

const page = 1000

/**
 * Goes through every conversation of a store as it lies there, so it finds what was altered behind the server's back.
 * @param progress called now and then with what was checked so far
 */
export async function verifyStore(
  store: Store,
  sha256: Sha256,
  progress: (report: Omit<LogReport, 'faults'>) => void,
): Promise<LogReport> {
  const faults: LogFault[] = []
  const count = { conversations: 0, messages: 0, bodies: 0 }
  for await (const conversation of conversationsOf(store)) {
    const log = await verifyLog(store, sha256, conversation)
    count.conversations += 1
    count.messages += log.messages
    count.bodies += log.bodies
    if (log.fault) faults.push(log.fault)
    if (count.conversations % 1000 === 0) progress({ ...count })
  }
  return { ...count, faults }
}

/** Whatever somebody has a view of. */
async function* conversationsOf(store: Store): AsyncGenerator<string> {
  let after: readonly [string, string] | undefined
  let last = ''
  for (;;) {
    const views = await store.list('view', 'by_conversation', [], { limit: page, ...(after && { after }) })
    for (const { conversation_id: id } of views) {
      if (id !== last) yield id
      last = id
    }
    const end = views.at(-1)
    if (views.length < page || !end) return
    after = [end.conversation_id, end.user_id]
  }
}

interface CheckedLog {
  readonly messages: number
  readonly bodies: number
  readonly fault?: LogFault
}

async function verifyLog(store: Store, sha256: Sha256, conversation: string): Promise<CheckedLog> {
  let chain = ''
  let next = 1
  let bodies = 0
  for (;;) {
    const entries = await store.read(conversation, next, Number.MAX_SAFE_INTEGER, page)
    for (const entry of entries) {
      const fault = (problem: LogFault['problem']): CheckedLog => ({
        messages: next - 1,
        bodies,
        fault: { conversation, seq: next, problem },
      })
      if (entry.seq !== next) return fault('gap')
      chain = chainOf(sha256, chain, entry)
      if (entry.chain !== chain) return fault('chain')
      const sent = await asSent(store, entry)
      if (sent !== undefined && digestOf(sha256, entry.salt, sent) !== entry.digest) return fault('digest')
      if (sent !== undefined) bodies += 1
      next += 1
    }
    if (entries.length < page) return { messages: next - 1, bodies }
  }
}

/** The body as its sender sent it: before any edit, and without what the server adds to a quote. */
async function asSent(store: Store, entry: Entry): Promise<string | undefined> {
  if (isGone(entry)) return undefined
  const edited = (readMeta(entry).edits ?? 0) > 0
  const [first] = edited
    ? await store.list('edit', 'by_message', [entry.conversation_id, entry.seq], { limit: 1 })
    : []
  if (first) return first.body
  if (entry.msg_type !== msgType.quote) return entry.body
  const { snapshot: _, ...sent } = JSON.parse(entry.body) as Record<string, unknown>
  return JSON.stringify(sent)
}
