import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Store } from '../../core/ports.ts'
import { messageAt } from '../../testing/stores/changes.ts'
import { openSqliteStore } from '../sqlite.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-checkpoints-'))
  file = join(folder, 'im.db')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const batch = 200
const bytesOf = (name: string): number => statSync(name).size

/** How often the log began again: its header counts it. */
const timesBegun = (): number => readFileSync(`${file}-wal`).readUInt32BE(12)

/** Asked of the log's own index, in shared memory: how far it goes, and how far it was moved. */
const pagesMoved = (): 'all' | 'some' => {
  const index = readFileSync(`${file}-shm`)
  return index.readUInt32LE(16) > 0 && index.readUInt32LE(96) === index.readUInt32LE(16) ? 'all' : 'some'
}

/** Writes from one message to another, and lets the thread work meanwhile as a server does. */
async function fill(store: Store, from: number, to: number): Promise<void> {
  for (let seq = from; seq <= to; seq += batch) {
    await store.commit(() => Array.from({ length: batch }, (_, i) => messageAt('si_ann:bob', seq + i)))
    await new Promise(setImmediate)
  }
}

describe('the log of an SQLite file', () => {
  it('is moved into the file while it is written, and begins again', async () => {
    const store = openSqliteStore(file)
    await fill(store, 1, 20_000)
    const before = timesBegun()
    let last = 20_000
    // A pass that finds nothing new behind it must come, sooner or later, between two commits.
    while (timesBegun() === before && last < 400_000) {
      await fill(store, last + 1, last + 1000)
      last += 1000
    }
    expect(timesBegun()).toBeGreaterThan(before)
    expect(bytesOf(file)).toBeGreaterThan(2_000_000)
    expect((await store.heads(['si_ann:bob']))[0]?.seq).toBe(last)
    await store.close()
    expect(readdirSync(folder)).toEqual(['im.db'])
  })

  it('is moved by the store itself when its thread ends', async () => {
    const told: string[] = []
    const store = openSqliteStore(file, (line) => told.push(line))
    const post = vi.spyOn(Worker.prototype, 'postMessage')
    await fill(store, 1, 2000)
    const [thread] = post.mock.contexts as Worker[]
    thread?.emit('error', new Error('it fell'))
    await fill(store, 2001, 20_000)
    expect(told).toEqual([`${file}: the thread that moves its log ended: it fell`])
    expect(bytesOf(file)).toBeGreaterThan(2_000_000)
    await thread?.terminate()
    await store.close()
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  it('is moved to its end once nobody writes', async () => {
    const store = openSqliteStore(file)
    await fill(store, 1, 1000)
    await expect.poll(() => pagesMoved(), { timeout: 5000 }).toBe('all')
    await store.close()
  })

  it('that made the file grow has it mapped anew, or what is behind the map is read with a call for each page', async () => {
    const store = openSqliteStore(file)
    const pragma = vi.spyOn(Database.prototype, 'pragma')
    const limits = (): string[] =>
      pragma.mock.calls.map(([text]) => text).filter((t) => t.startsWith('mmap_size'))
    await fill(store, 1, 40_000)
    await expect.poll(() => limits().length, { timeout: 5000 }).toBeGreaterThan(0)
    const before = limits()
    await fill(store, 40_001, 100_000)
    await expect.poll(() => limits().length, { timeout: 5000 }).toBeGreaterThan(before.length)
    expect(limits()[before.length]).not.toBe(before.at(-1))
    await store.close()
  })

  it('needs no thread while little is written', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage')
    const store = openSqliteStore(file)
    await fill(store, 1, batch)
    await store.close()
    expect(post).not.toHaveBeenCalled()
  })
})
