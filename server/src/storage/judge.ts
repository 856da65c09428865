import type { Amend, Change, Entry, Expectation, Raise, Refusal } from '../core/ports.ts'
import { type Key, type Kind, keyOf, type Scalar } from '../core/tables.ts'

/** A record in the domain's types, with its version. */
export type StoredRow = Readonly<{ [field: string]: Scalar }> & { readonly version: number }

/** What a batch rests on, as it stands before it. */
export interface Ground {
  record(kind: Kind, key: Key): StoredRow | undefined
  /** Last seq of the conversation, 0 where none was written. */
  head(conversation: string): number
  twin(sender: string, clientMsgId: string): Entry | undefined
}

/** What must be known of the ground to judge a batch. */
export interface Needs {
  readonly records: ReadonlyMap<string, RecordName>
  readonly heads: ReadonlySet<string>
  readonly twins: readonly (readonly [sender: string, clientMsgId: string])[]
}

export interface RecordName {
  readonly kind: Kind
  readonly key: Key
}

/** A record that a batch touches. */
export interface Touched extends RecordName {
  readonly before: StoredRow | undefined
  /** As it stands afterwards; undefined = not there. */
  readonly after: StoredRow | undefined
}

/** What becomes of a batch: where nothing is refused, this is all that has to be written. */
export interface Outcome {
  readonly refused: readonly Refusal[]
  /** By name, only those that differ from before. */
  readonly records: ReadonlyMap<string, Touched>
  /** In order, as amended by later changes of the batch. */
  readonly entries: readonly Entry[]
  /** Of entries that stood before the batch, if they did. */
  readonly amends: readonly Amend[]
}

export const nameOf = (kind: Kind, key: Key): string => `${kind}\0${key.join('\0')}`

export function needsOf(changes: readonly Change[]): Needs {
  const records = new Map<string, RecordName>()
  const heads = new Set<string>()
  const twins: [string, string][] = []
  const need = (kind: Kind, key: Key): void => {
    records.set(nameOf(kind, key), { kind, key })
  }
  for (const change of changes) {
    for (const e of change.expect ?? []) {
      if ('conversation' in e) heads.add(e.conversation)
      else need(e.kind, e.key)
    }
    if (change.append) {
      heads.add(change.append.conversation_id)
      twins.push([change.append.sender_id, change.append.client_msg_id])
    }
    for (const { kind, row } of change.put ?? []) need(kind, keyOf(kind, row))
    for (const { kind, key } of change.raise ?? []) need(kind, key)
    for (const { kind, key } of change.remove ?? []) need(kind, key)
  }
  return { records, heads, twins }
}

/**
 * Judges a batch against the ground and says what it would leave behind. The one place where drivers of servers decide
 * what `ports.ts` demands: they only load what is needed and write what comes out, in one atomic step.
 */
export function judge(changes: readonly Change[], ground: Ground): Outcome {
  const draft = createDraft(ground)
  const refused: Refusal[] = []
  for (const [index, change] of changes.entries()) {
    const refusal = refusalOf(draft, change, index)
    if (refusal) refused.push(refusal)
    else draft.apply(change)
  }
  return { refused, ...draft.outcome() }
}

interface Draft {
  record(kind: Kind, key: Key): StoredRow | undefined
  head(conversation: string): number
  twin(sender: string, clientMsgId: string): Entry | undefined
  apply(change: Change): void
  outcome(): Omit<Outcome, 'refused'>
}

function refusalOf(draft: Draft, change: Change, index: number): Refusal | undefined {
  const { expect = [], append } = change
  if (!expect.every((e) => holds(draft, e))) return { change: index, why: 'expect' }
  if (!append) return undefined
  const twin = draft.twin(append.sender_id, append.client_msg_id)
  if (twin) return { change: index, why: 'twin', twin }
  return append.seq === draft.head(append.conversation_id) + 1 ? undefined : { change: index, why: 'seq' }
}

function holds(draft: Draft, expected: Expectation): boolean {
  return 'conversation' in expected
    ? draft.head(expected.conversation) === expected.head
    : (draft.record(expected.kind, expected.key)?.version ?? 0) === expected.version
}

function createDraft(ground: Ground): Draft {
  const records = new Map<string, Touched>()
  const heads = new Map<string, number>()
  const entries: Entry[] = []
  const written = new Map<string, number>()
  const amends: Amend[] = []

  function record(kind: Kind, key: Key): StoredRow | undefined {
    const touched = records.get(nameOf(kind, key))
    return touched ? touched.after : ground.record(kind, key)
  }

  function set(kind: Kind, key: Key, after: StoredRow | undefined): void {
    const name = nameOf(kind, key)
    const before = records.has(name) ? records.get(name)?.before : ground.record(kind, key)
    records.set(name, { kind, key, before, after })
  }

  function raise({ kind, key, to }: Raise): void {
    const row = record(kind, key)
    if (!row || Object.entries(to).every(([field, value]) => Number(row[field]) >= value)) return
    const raised = Object.entries(to).map(([field, value]) => [field, Math.max(Number(row[field]), value)])
    set(kind, key, { ...row, ...Object.fromEntries(raised), version: row.version + 1 })
  }

  function amend(amended: Amend): void {
    const at = written.get(`${amended.conversation_id}\0${amended.seq}`)
    const entry = at === undefined ? undefined : entries[at]
    if (at === undefined || !entry) amends.push(amended)
    else entries[at] = { ...entry, body: amended.body, meta: amended.meta, salt: amended.salt }
  }

  /** As amended by earlier changes of the batch. */
  function twin(sender: string, clientMsgId: string): Entry | undefined {
    const entry = ground.twin(sender, clientMsgId)
    const last = amends.findLast((a) => a.conversation_id === entry?.conversation_id && a.seq === entry.seq)
    return entry && last ? { ...entry, body: last.body, meta: last.meta, salt: last.salt } : entry
  }

  return {
    record,
    head: (conversation) => heads.get(conversation) ?? ground.head(conversation),
    twin,
    apply: ({ append, amend: amended = [], put = [], raise: raised = [], remove = [] }) => {
      if (append) {
        written.set(`${append.conversation_id}\0${append.seq}`, entries.length)
        entries.push(append)
        heads.set(append.conversation_id, append.seq)
      }
      for (const each of amended) amend(each)
      for (const { kind, row } of put) {
        const key = keyOf(kind, row)
        set(kind, key, { ...row, version: (record(kind, key)?.version ?? 0) + 1 })
      }
      for (const each of raised) raise(each)
      for (const { kind, key } of remove) set(kind, key, undefined)
    },
    outcome: () => {
      for (const [name, { before, after }] of records) if (before === after) records.delete(name)
      // What was amended ahead of its own append was not there: drivers must not meet the entry with it.
      const standing = amends.filter((a) => !written.has(`${a.conversation_id}\0${a.seq}`))
      return { records, entries, amends: standing }
    },
  }
}
