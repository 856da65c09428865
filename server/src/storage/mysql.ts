import type { CommitResult, Proposal, Store } from '../core/ports.ts'
import { createFuse } from './fuse.ts'
import { judge, needsOf } from './judge.ts'
import { createLine } from './line.ts'
import { createMemo, type Memo } from './memo.ts'
import { migrateMysql } from './migrations/mysql.ts'
import { type Address, readAddress } from './mysql/address.ts'
import { connect } from './mysql/connection.ts'
import { explained, isDuplicate, TimedOut, unavailable } from './mysql/failures.ts'
import { createPen, type Pen } from './mysql/pen.ts'
import { type Connections, createConnections } from './mysql/pool.ts'
import { createQuestions } from './mysql/questions.ts'
import { createLoader, createReads } from './mysql/reads.ts'
import { openReader, openWriter, proveWritable, readServer, type Server } from './mysql/server.ts'
import { advanceTexts, sessionText, writingTexts } from './mysql/texts.ts'

/**
 * MySQL 8 or MariaDB, shared by many nodes. One connection writes and holds the pen (`mysql/pen.ts`) from the proposal
 * to the commit, the others read. Everything goes as text made in `mysql/texts.ts`: the same statements for both engines,
 * and a batch of any size costs two ways to the server – three when it rests on something not remembered.
 * @param url `mysql://user:password@host:port/database`, with `?pool_size=10&max_idle=10&timeout=5000` (ms),
 *   `ssl=verify|encrypt`, `socket=<path>`
 */
export async function openMysqlStore(url: string): Promise<Store> {
  const address = readAddress(url)
  let server: Server
  try {
    server = await prepare(address)
  } catch (error) {
    throw explained(error, address)
  }
  const connections = createConnections(() => openReader(address, server), {
    limit: address.poolSize - 1,
    idle: address.maxIdle,
    timeout: address.timeout,
  })
  const pen = createPen(() => openWriter(address, server), server.queryLimit)
  return createStore({ address, server, connections, pen })
}

/** Looks at the server and brings the tables up to date. */
async function prepare(address: Address): Promise<Server> {
  const connection = await connect(address, false)
  try {
    const server = await readServer(connection, address)
    await connection.query(sessionText(server.collation))
    await migrateMysql(connection, address, server.collation)
    await proveWritable(connection)
    return server
  } finally {
    connection.close()
  }
}

/** Reads that share a way to the server; more of them go over further connections. */
const readsAtOnce = 12

interface Parts {
  readonly address: Address
  readonly server: Server
  readonly connections: Connections
  readonly pen: Pen
}

function createStore(parts: Parts): Store {
  const { address, server, connections, pen } = parts
  const inLine = createLine()
  const memo = createMemo()
  const { durability } = server
  const fuse = createFuse(
    (error) => error instanceof TimedOut,
    () => connections.use((c) => c.query('SELECT 1')),
  )
  const running = <T>(work: () => Promise<T>): Promise<T> =>
    fuse.run(work).catch((error: unknown) => {
      throw unavailable(error, address)
    })
  return {
    traits: { durability, isShared: true, patience: address.timeout },
    ...createReads(
      createQuestions((query) => running(() => connections.use((c) => c.query(query))), {
        limit: server.queryLimit,
        atOnce: readsAtOnce,
        soon: setImmediate,
      }),
    ),
    commit: (propose) => inLine(() => running(() => commit(parts, memo, propose))),
    advance: (position) => inLine(() => running(() => advance(pen, position))),
    snapshot: () => running(() => openSnapshot(parts)),
    recall: () => memo.recall,
    pool: () => {
      const reads = connections.state()
      return {
        limit: address.poolSize,
        open: reads.open + Number(pen.isOpen),
        busy: reads.busy + Number(pen.isBusy),
        waiting: reads.waiting,
      }
    },
    close: () =>
      inLine(async () => {
        connections.close()
        pen.close()
      }),
  }
}

async function commit(parts: Parts, memo: Memo, propose: Proposal): Promise<CommitResult> {
  // Twins are not asked for in advance: nearly every message is new, and the unique key knows them all.
  try {
    return await attempt(parts, memo, propose, false)
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
  return attempt(parts, memo, propose, true)
}

async function attempt(
  { pen, server }: Parts,
  memo: Memo,
  propose: Proposal,
  twins: boolean,
): Promise<CommitResult> {
  const from = await pen.take()
  try {
    memo.standAt(from - 1)
    const changes = await propose(from)
    const needs = needsOf(changes)
    const loader = createLoader(pen.ask)
    await memo.prepare(needs, loader, { twins })
    let outcome = judge(changes, memo)
    if (!twins && outcome.refused.length > 0 && needs.twins.length > 0) {
      // Every refused change is named, and a twin is told as one: now they are needed.
      await memo.prepare(needs, loader, { twins: true })
      outcome = judge(changes, memo)
    }
    if (outcome.refused.length > 0 || changes.length === 0) {
      await pen.drop()
      return { from, refused: outcome.refused }
    }
    const next = from + changes.length
    await pen.write(writingTexts(outcome, next, server.queryLimit))
    memo.follow(outcome, next - 1)
    return { from, refused: [] }
  } catch (error) {
    // What was remembered may be true no more, and the server may be in the middle of something.
    memo.clear()
    await pen.drop().catch(() => pen.destroy())
    throw error
  }
}

async function advance(pen: Pen, position: number): Promise<void> {
  const from = await pen.take()
  try {
    if (position < from) await pen.drop()
    else await pen.write(advanceTexts(position + 1))
  } catch (error) {
    await pen.drop().catch(() => pen.destroy())
    throw error
  }
}

/** One connection of the pool stays at this moment until the snapshot is closed. */
async function openSnapshot({ address, server, connections }: Parts): Promise<Store> {
  const { connection, giveBack } = await connections.borrow()
  try {
    await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
  } catch (error) {
    connection.destroy()
    giveBack()
    throw error
  }
  const readOnly = (): Promise<never> => Promise.reject(new Error('a snapshot is only read'))
  return {
    traits: { durability: server.durability, isShared: true, patience: address.timeout },
    ...createReads(
      createQuestions(
        (query) =>
          connection.query(query).catch((error: unknown) => {
            throw unavailable(error, address)
          }),
        { limit: server.queryLimit, soon: queueMicrotask },
      ),
    ),
    commit: readOnly,
    advance: readOnly,
    close: async () => {
      await connection.query('ROLLBACK').catch(() => connection.destroy())
      giveBack()
    },
  }
}
