import { ImError } from '@nexo-im/protocol'
import type { CommitResult, Proposal, Store } from '../core/ports.ts'
import { judge, needsOf, type Outcome } from './judge.ts'
import { createLine } from './line.ts'
import { createMemo, type Memo } from './memo.ts'
import { beginRedis } from './migrations/redis.ts'
import { parseRedisUrl } from './redis/address.ts'
import { openConnections } from './redis/connections.ts'
import { effectsOf } from './redis/effects.ts'
import { keyNames, pointerTo } from './redis/encoding.ts'
import { createPen, type Pen } from './redis/pen.ts'
import { createGround, createReading, type Ground, type Reading } from './redis/reading.ts'
import { scripts } from './redis/scripts.ts'
import { checkServer } from './redis/server-check.ts'

interface Driver {
  readonly ground: Ground
  readonly reading: Reading
  readonly memo: Memo
  readonly pen: Pen
}

/**
 * Redis as the only store: everything is in its memory and in its append-only file, which it must sync before it answers
 * (D2) unless the URL takes that upon itself (D1). One commit is one script, fenced by the position of the log.
 * Throws a sentence that names the server and what to do; never the password.
 * @param url `redis://user:password@host:6379/0?key_prefix=nexo:&pool_size=4&timeout=5000&durability=always`, `rediss:` for TLS
 */
export async function openRedisStore(url: string): Promise<Store> {
  const address = parseRedisUrl(url)
  const connections = openConnections(address)
  const keys = keyNames(address)
  try {
    const durability = await checkServer(connections, address)
    const ground = createGround(connections, address, keys, await beginRedis(connections, keys))
    const reading = createReading(ground)
    const driver = { ground, reading, memo: createMemo(), pen: createPen(ground) }
    const inLine = createLine()
    return {
      traits: { durability, isShared: true, patience: address.timeout },
      get: reading.get,
      list: reading.list,
      scan: reading.scan,
      conversations: reading.conversations,
      read: reading.read,
      heads: reading.heads,
      twins: reading.twins,
      position: reading.position,
      commit: (propose) => inLine(() => commit(driver, propose)),
      advance: (to) =>
        inLine(async () => {
          ground.saw(Number(await ground.run(scripts.advance, [], [String(to)])))
        }),
      pool: connections.state,
      recall: () => driver.memo.recall,
      close: async () => connections.close(),
    }
  } catch (error) {
    connections.close()
    if (!(error instanceof ImError)) throw error
    throw new Error(error.detail, { cause: error.cause })
  }
}

async function commit(driver: Driver, propose: Proposal): Promise<CommitResult> {
  const { ground, memo, pen } = driver
  const deadline = Date.now() + ground.address.timeout
  try {
    for (;;) {
      await pen.wait(deadline)
      const result = await attempt(driver, ground.seen, propose)
      if (result) return result
    }
  } catch (error) {
    // The answer may be lost and the batch written, or not: nothing is certain any more.
    memo.clear()
    throw error
  } finally {
    pen.layDown()
  }
}

/**
 * Proposes and judges at the newest position known, without asking whether it still is: the script knows, and a node that
 * writes alone saves a round trip. @returns undefined where others wrote meanwhile
 */
async function attempt(driver: Driver, at: number, propose: Proposal): Promise<CommitResult | undefined> {
  const { memo, reading } = driver
  memo.standAt(at)
  const changes = await propose(at + 1)
  const needs = needsOf(changes)
  // Twins are looked for by the script that writes: there hardly ever is one.
  await memo.prepare(needs, reading.loader, { twins: false })
  const outcome = judge(changes, memo)
  if (changes.length > 0 && outcome.refused.length === 0) {
    const word = await write(driver, outcome, at, at + changes.length)
    if (word === 'kept') return { from: at + 1, refused: [] }
    if (word !== 'twin') return undefined
  }
  await memo.prepare(needs, reading.loader)
  const { refused } = judge(changes, memo)
  const isStill = (await reading.position()) === at
  return isStill && (refused.length > 0 || changes.length === 0) ? { from: at + 1, refused } : undefined
}

type Word = 'kept' | 'twin' | 'late' | 'held'

async function write(driver: Driver, outcome: Outcome, at: number, next: number): Promise<Word> {
  const { ground, memo, pen, reading } = driver
  const { keys } = ground
  const stored = await reading.entries(
    outcome.amends.map(({ conversation_id, seq }) => pointerTo(conversation_id, seq)),
  )
  const places = [keys.pen, keys.twins]
  const effects = effectsOf(outcome, stored, keys)
  const answer = await ground.run(scripts.commit, places, [
    String(at),
    String(next),
    ...pen.words,
    ...effects,
  ])
  const [word, position] = answer as [Word, string]
  ground.saw(Number(position))
  if (word === 'kept') {
    memo.follow(outcome, next)
    pen.written()
  }
  if (word === 'late' || word === 'held') pen.refused(word)
  return word
}
