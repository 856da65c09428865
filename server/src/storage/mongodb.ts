import { randomUUID } from 'node:crypto'
import type { CommitResult, Proposal, Store } from '../core/ports.ts'
import { judge, needsOf } from './judge.ts'
import { createLine } from './line.ts'
import { createMemo, type Loader, type Memo } from './memo.ts'
import { migrateMongodb } from './migrations/mongodb.ts'
import { readAddress } from './mongodb/address.ts'
import { effectsOf, nothing } from './mongodb/effects.ts'
import { explained } from './mongodb/failures.ts'
import { openSlotLog, type SlotLog } from './mongodb/log.ts'
import { createReads } from './mongodb/reads.ts'
import { openServer } from './mongodb/server.ts'
import { type Tuning, tidy, usual } from './mongodb/slots.ts'

/**
 * A MongoDB server or replica set, 4.4 or later; several nodes may use one database. What it guarantees with and without a
 * set is told in `log.ts`. FerretDB 1.x will do for trials (D1): its updates do not hold against one another.
 * @param url `mongodb://user:password@host:27017/database`, also `mongodb+srv:`; beside the driver's own options
 * `pool_size` (connections, 10), `timeout` (ms, 5000), `batch` (documents in one write)
 * Throws an Error that says what is wrong with the address or the server, and what helps.
 */
export async function openMongodbStore(url: string, tuning: Tuning = usual): Promise<Store> {
  const address = readAddress(url)
  const { server, db } = await openServer(address)
  const log = openSlotLog(server, randomUUID(), tuning)
  try {
    await migrateMongodb(db)
    // Whatever a crash left undone is done before anybody reads.
    await tidy(server, (await log.standing()).slot, tuning)
  } catch (error) {
    await server.close().catch(() => undefined)
    throw explained(error, address)
  }
  const inLine = createLine()
  const { reads, loader } = createReads(server, log)
  const parts = { log, memo: createMemo(), loader }
  return {
    traits: { durability: server.isDurable ? 'D2' : 'D1', isShared: true, patience: address.timeout },
    ...reads,
    position: log.position,
    commit: (propose) => {
      const asked = performance.now()
      return inLine(() => commit(parts, propose, asked))
    },
    advance: (position) => inLine(() => advance(log, position)),
    pool: server.pool,
    recall: () => parts.memo.recall,
    close: async () => {
      await log.idle()
      await server.close()
    },
  }
}

interface Parts {
  readonly log: SlotLog
  readonly memo: Memo
  readonly loader: Loader
}

async function commit(parts: Parts, propose: Proposal, asked: number): Promise<CommitResult> {
  try {
    for (;;) {
      const result = await attempt(parts, propose, asked)
      if (result) return result
      parts.log.forget()
    }
  } catch (error) {
    parts.memo.clear()
    parts.log.forget()
    throw error
  }
}

/**
 * Judges by what is known of the log and asks nobody whether that is still so: where others wrote meanwhile, the slot is
 * taken. @returns undefined where it was
 */
async function attempt(
  { log, memo, loader }: Parts,
  propose: Proposal,
  asked: number,
): Promise<CommitResult | undefined> {
  const stand = await log.standing()
  const from = stand.to + 1
  memo.standAt(stand.to)
  const changes = await propose(from)
  if (changes.length === 0) return { from, refused: [] }
  await memo.prepare(needsOf(changes), loader)
  const outcome = judge(changes, memo)
  if (outcome.refused.length > 0) {
    // What does not hold must not have held at some moment since it was asked for, not at one before.
    const isTrue = stand.seen >= asked || (await log.stillAt(stand))
    return isTrue ? { from, refused: outcome.refused } : undefined
  }
  const to = stand.to + changes.length
  if (!(await log.append(stand, to, effectsOf(outcome)))) return undefined
  memo.follow(outcome, to)
  return { from, refused: [] }
}

/** A slot without effects, so that no other node commits at a position in between. */
async function advance(log: SlotLog, position: number): Promise<void> {
  for (;;) {
    const stand = await log.standing()
    if (stand.to >= position || (await log.append(stand, position, nothing))) return
    log.forget()
  }
}
