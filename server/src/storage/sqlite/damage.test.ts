import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImError } from '@nexo-im/protocol'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../core/ports.ts'
import type { Row } from '../../core/tables.ts'
import { entry } from '../../testing/stores/changes.ts'
import { openSqliteStore } from '../sqlite.ts'

let folder: string
/** A whole file, and everything that can be read out of it. */
let sound: Buffer
let truth: string

const conversations = [0, 1, 2, 3, 4].map((c) => `si_user-${c}:user-${c + 100}`)

async function everything(store: Store): Promise<string> {
  const logs = await Promise.all(conversations.map((c) => store.read(c, 1, 1e9, 1e9)))
  const keys = conversations.map((c) => [c, 'reader'] as const)
  return JSON.stringify([logs, await store.heads(conversations), await store.get('view', keys)])
}

function view(conversation: string): Row<'view'> {
  return {
    conversation_id: conversation,
    user_id: 'reader',
    min_seq: 1,
    max_seq: null,
    read_seq: 3,
    recv_msg_opt: 0,
    is_pinned: false,
    touched_at: 5,
    position: 1,
    from_position: 0,
    to_position: null,
    delivered_seq: 3,
    mention_seq: 0,
    draft: 'half a sentence',
    draft_at: 8,
    marked_unread: true,
    hidden_at: -1,
    hidden_count: 0,
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-damage-'))
  const file = join(folder, 'sound.db')
  const store = openSqliteStore(file)
  for (let batch = 0; batch < 5; batch++) {
    await store.commit((from) =>
      Array.from({ length: 100 }, (_, k) => {
        const c = k % 5
        const seq = batch * 20 + Math.floor(k / 5) + 1
        return {
          append: entry(conversations[c] as string, seq, {
            id: from + k,
            body: JSON.stringify({ text: `${seq} `.repeat(40) }),
            digest: 'd'.repeat(43),
            chain: 'h'.repeat(43),
          }),
        }
      }),
    )
  }
  await store.commit(() => conversations.map((c) => ({ put: [{ kind: 'view' as const, row: view(c) }] })))
  await store.commit(() =>
    conversations.map((c) => ({
      raise: [{ kind: 'view' as const, key: [c, 'reader'], to: { read_seq: 9, position: 2_000_000 } }],
      amend: [{ conversation_id: c, seq: 4, body: '', meta: '"recalled_at":7', salt: '' }],
    })),
  )
  truth = await everything(store)
  await store.close()
  sound = readFileSync(file)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Outcome = 'as it was' | 'refused' | 'silently other'

/** What somebody meets who starts on this file and reads all of it. */
async function outcomeOf(bytes: Buffer): Promise<Outcome> {
  const file = join(folder, 'damaged.db')
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  writeFileSync(file, bytes)
  let store: Store | undefined
  try {
    store = openSqliteStore(file)
    return (await everything(store)) === truth ? 'as it was' : 'silently other'
  } catch (error) {
    const words = error instanceof ImError ? error.detail : (error as Error).message
    if (!/damaged|malformed|not a database|holds no data|no such table/.test(words ?? '')) throw error
    return 'refused'
  } finally {
    await store?.close().catch(() => undefined)
  }
}

/** The same places in every run. */
function* places(count: number, below: number): Generator<number> {
  let state = 20_261_125
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield Math.floor((state / 2 ** 32) * below)
  }
}

describe('a damaged file (R19)', () => {
  it('is read as it was or refused, whichever single bit turned over', async () => {
    const counts = { 'as it was': 0, refused: 0, 'silently other': 0 }
    for (const bit of places(500, sound.length * 8)) {
      const bytes = Buffer.from(sound)
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      counts[await outcomeOf(bytes)] += 1
    }
    expect(counts['silently other']).toBe(0)
    // Damage was met, and not only free space.
    expect(counts.refused).toBeGreaterThan(100)
  })

  it('is refused when its tail is gone', async () => {
    for (const length of places(50, sound.length - 1))
      expect(await outcomeOf(sound.subarray(0, length)), `${length} bytes`).not.toBe('silently other')
  })
})

describe('a row that is not what was stored', () => {
  const tampered = (sql: string): { file: string; told: string[]; store: Store } => {
    const file = join(folder, 'tampered.db')
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
    writeFileSync(file, sound)
    const db = new Database(file)
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0)
    db.close()
    const told: string[] = []
    return { file, told, store: openSqliteStore(file, (line) => told.push(line)) }
  }

  it('ends the work of the store: nothing is answered or stored any more, and the operator learns why once', async () => {
    const { file, told, store } = tampered(
      `UPDATE im_message SET body = '{"text":"other"}' WHERE conversation_id = '${conversations[2]}' AND seq = 7`,
    )
    await expect(store.read(conversations[0] as string, 1, 9, 9)).resolves.toHaveLength(9)
    const refusal = { kind: 'unavailable', detail: expect.stringContaining(`${conversations[2]}: message 7`) }
    await expect(store.read(conversations[2] as string, 1, 9, 9)).rejects.toMatchObject(refusal)
    await expect(store.position()).rejects.toMatchObject(refusal)
    await expect(store.commit(() => [])).rejects.toMatchObject(refusal)
    expect(told).toEqual([
      expect.stringMatching(new RegExp(`^${file} is damaged .*restore it from a backup`)),
    ])
    await store.close()
  })

  it.each([
    ['a record', `UPDATE im_view SET read_seq = read_seq + 1 WHERE conversation_id = '${conversations[1]}'`],
    [
      'a version',
      `UPDATE im_view SET "version" = "version" + 1 WHERE conversation_id = '${conversations[1]}'`,
    ],
    [
      'a message that is gone',
      `DELETE FROM im_message WHERE conversation_id = '${conversations[1]}' AND seq = 50`,
    ],
    [
      'a null that is none',
      `UPDATE im_view SET to_position = 0 WHERE conversation_id = '${conversations[1]}'`,
    ],
  ])('is noticed in %s', async (_, sql) => {
    const { store } = tampered(sql)
    const read = everything(store).then(() => 'read')
    await expect(read).rejects.toMatchObject({ kind: 'unavailable' })
    await store.close()
  })

  it('of a version before there were checksums is read as it is', async () => {
    const { store } = tampered(`UPDATE im_message SET checksum = NULL`)
    expect((await everything(store)) === truth).toBe(true)
    await store.close()
  })
})
