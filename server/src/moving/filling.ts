import type { Amend, Change, Entry, Put, Refusal, Store } from '../core/ports.ts'
import { type Key, type Kind, keyOf } from '../core/tables.ts'
import { type AnyRow, entryText, rowText, sentText, type Visitor } from './pairs.ts'
import type { Tally } from './tally.ts'

/** What one commit takes at most: things, and characters of them. */
const batchThings = 500
const batchChars = 2_000_000

interface Batch {
  readonly put: Put[]
  readonly remove: { kind: Kind; key: Key }[]
  readonly amend: Amend[]
  readonly append: Entry[]
  things: number
  chars: number
}

/**
 * Makes the target what the source is: what is there already stays, what is missing or differs is written, what is gone
 * is removed. So a move that was interrupted is taken up by the same way as it was begun.
 */
export interface Filling extends Visitor {
  /** Writes what still waits. Resolved means that everything is durable. */
  finish(): Promise<void>
}

export function fill(target: Store, tally: Tally): Filling {
  let batch = emptyBatch()
  // One commit runs while the next batch is read: source and target work at the same time.
  let running: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    await running
    const full = batch
    batch = emptyBatch()
    running = write(target, full)
    running.catch(() => undefined)
  }

  function taken(chars: number): Promise<void> | undefined {
    batch.things += 1
    batch.chars += chars
    return batch.things < batchThings && batch.chars < batchChars ? undefined : flush()
  }

  return {
    record: (kind, from, to) => {
      tally.place = kind
      if (from) tally.records += 1
      const text = from && rowText(kind, from)
      if (from && text !== undefined && (!to || text !== rowText(kind, to))) {
        batch.put.push({ kind, row: withoutVersion(from) } as Put)
        return taken(text.length)
      }
      if (from || !to) return undefined
      batch.remove.push({ kind, key: keyOf(kind, to) })
      return taken(0)
    },
    entry: (from, to) => {
      tally.place = 'messages'
      if (from) tally.messages += 1
      if (from && !to) {
        batch.append.push(from)
        return taken(from.body.length + from.meta.length + 300)
      }
      if (!from || !to || sentText(from) !== sentText(to)) throw foreign(from ?? to)
      if (entryText(from) === entryText(to)) return undefined
      const { conversation_id, seq, body, meta, salt } = from
      batch.amend.push({ conversation_id, seq, body, meta, salt })
      return taken(body.length + meta.length)
    },
    finish: async () => {
      await flush()
      await running
    },
  }
}

const emptyBatch = (): Batch => ({ put: [], remove: [], amend: [], append: [], things: 0, chars: 0 })

function withoutVersion({ version: _, ...row }: AnyRow): AnyRow {
  return row
}

async function write(target: Store, { put, remove, amend, append, things }: Batch): Promise<void> {
  if (things === 0) return
  const changes: Change[] = append.map((entry) => ({ append: entry }))
  if (put.length + remove.length + amend.length > 0) changes.push({ put, remove, amend })
  const { refused } = await target.commit(() => changes)
  const [first] = refused
  if (first) throw refusedMessage(first, append[first.change])
}

/** The target holds what no move can undo: going on does not help. */
export class ForeignTarget extends Error {
  override name = 'ForeignTarget'
}

/** Messages are never overwritten, so a target that holds others cannot become what the source is. */
function foreign(entry: Entry | undefined): Error {
  return new ForeignTarget(
    `the target holds another message ${entry?.seq} of ${entry?.conversation_id} than the source: ` +
      'it was written by somebody else; empty it and move again without --resume',
  )
}

function refusedMessage({ why, twin }: Refusal, entry: Entry | undefined): Error {
  const which = `message ${entry?.seq} of ${entry?.conversation_id}`
  return new ForeignTarget(
    why === 'twin'
      ? `${which} stands in the target already, as message ${twin?.seq} of ${twin?.conversation_id}: ` +
          'empty the target and move again without --resume'
      : `${which} does not follow the last one of the target: a message before it is missing in the source ` +
          '(see nexo verify), or somebody else writes to the target',
  )
}
