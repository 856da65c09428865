import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Store } from '../core/ports.ts'
import { openStore } from '../storage/open.ts'
import { openSqliteReader } from '../storage/sqlite.ts'
import { backUp } from './backup.ts'
import { compareStores } from './comparison.ts'
import { newTally } from './tally.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-backup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const change = (n: number): Change => ({
  put: [{ kind: 'block', row: { name: `n${n}`, next: n } }],
  append: {
    conversation_id: 'sg_1',
    seq: n,
    id: n,
    sender_id: 'ann',
    client_msg_id: `${n}`,
    msg_type: 1,
    body: '{}',
    send_at: n,
    meta: '',
    salt: '',
    digest: '',
    chain: `${n}`,
  },
})

async function filled(url: string, many = 30): Promise<Store> {
  const store = await openStore(url)
  await store.commit(() => Array.from({ length: many }, (_, n) => change(n + 1)))
  return store
}

async function differences(store: Store, file: string): Promise<number> {
  const copy = openSqliteReader(file)
  const { differencesInAll } = await compareStores(store, copy, newTally())
  await copy.close()
  return differencesInAll
}

describe('a backup', () => {
  it.each(['memory:', 'sqlite:'])(
    'of %s is one file that holds everything, for its owner alone',
    async (kind) => {
      const store = await filled(kind === 'sqlite:' ? `sqlite:${join(folder, 'nexo.db')}` : kind)
      const file = join(folder, 'backup.db')
      await backUp(store, file)
      expect(await differences(store, file)).toBe(0)
      expect(statSync(file).mode & 0o777).toBe(0o600)
      await store.close()
      const others = readdirSync(folder).filter((name) => name !== 'nexo.db')
      expect(others).toEqual(['backup.db'])
    },
  )

  it('of an embedded store can be made while it is written to, and holds one moment', async () => {
    const store = await filled(`sqlite:${join(folder, 'nexo.db')}`, 20_000)
    let next = 20_001
    let goes = true
    const writing = (async () => {
      while (goes) {
        await store.commit(() => [change(next)])
        next += 1
        await new Promise(setImmediate)
      }
    })()
    const before = next - 1
    await backUp(store, join(folder, 'backup.db'))
    const after = next - 1
    goes = false
    await writing
    expect(after).toBeGreaterThan(before)
    const copy = openSqliteReader(join(folder, 'backup.db'))
    const head = (await copy.heads(['sg_1']))[0]?.seq ?? 0
    expect(head).toBeGreaterThanOrEqual(before)
    expect(head).toBeLessThanOrEqual(after + 1)
    // A change is in it with all its parts, or not at all.
    expect(await copy.get('block', [[`n${head}`], [`n${head + 1}`]])).toEqual([
      { name: `n${head}`, next: head, version: 1 },
      undefined,
    ])
    expect(await copy.read('sg_1', 1, 1e9, 1e9)).toHaveLength(head)
    await copy.close()
    await store.close()
  })

  it('of a store without snapshots is not kept when somebody wrote meanwhile', async () => {
    const store = await filled('memory:')
    const busy: Store = {
      ...store,
      scan: async (kind, page) => {
        if (kind === 'timer')
          await store.commit(() => [{ put: [{ kind: 'block', row: { name: 'x', next: 1 } }] }])
        return store.scan(kind, page)
      },
    }
    const verdict = await backUp(busy, join(folder, 'backup.db'), { compare: false })
    expect(verdict?.isEqual).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a store with snapshots is made from one of them', async () => {
    const store = await filled('memory:')
    let closed = 0
    const busy: Store = {
      ...store,
      scan: () => Promise.reject(new Error('the store itself is not read')),
      snapshot: async () => ({
        ...store,
        close: async () => {
          closed += 1
        },
      }),
    }
    expect((await backUp(busy, join(folder, 'backup.db')))?.isEqual).toBe(true)
    expect(closed).toBe(1)
    expect(await differences(store, join(folder, 'backup.db'))).toBe(0)
  })

  it('replaces a file only when told to, and not before it is complete', async () => {
    const file = join(folder, 'backup.db')
    writeFileSync(file, 'precious')
    const store = await filled('memory:')
    await expect(backUp(store, file)).rejects.toThrow(/there already.*--force/)
    const broken: Store = { ...store, read: () => Promise.reject(new Error('broken')) }
    await expect(backUp(broken, file, { force: true })).rejects.toThrow('broken')
    expect(readFileSync(file, 'utf8')).toBe('precious')
    await backUp(store, file, { force: true })
    expect(await differences(store, file)).toBe(0)
  })

  it('takes away what a killed one left behind, and leaves the part of a living one', async () => {
    const file = join(folder, 'backup.db')
    writeFileSync(`${file}.part-999999999`, 'half')
    writeFileSync(`${file}.part-999999999-wal`, 'half')
    writeFileSync(`${file}.part-${process.ppid}`, 'of somebody else')
    await backUp(await filled('memory:'), file)
    expect(readdirSync(folder).sort()).toEqual(['backup.db', `backup.db.part-${process.ppid}`])
  })

  it('into a folder that is not there is refused with a sentence', async () => {
    const file = join(folder, 'nowhere', 'backup.db')
    await expect(backUp(await filled('memory:'), file)).rejects.toThrow(/there is no folder/)
    expect(existsSync(file)).toBe(false)
  })
})
