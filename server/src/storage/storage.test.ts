import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from './open.ts'
import { storeContract } from './store.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'nexo-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const freshFile = (): string => join(folder, `${files++}`, 'im.db')

storeContract('memory', () => openStore('memory:'))
storeContract('sqlite', () => openStore(`sqlite:${freshFile()}`))

describe('sqlite file', () => {
  it('holds everything after it was closed and opened again', async () => {
    const url = `sqlite:${freshFile()}`
    const first = await openStore(url)
    await first.commit(() => [{ put: [{ kind: 'block', row: { name: 'n', next: 7 } }] }])
    await first.close()
    const second = await openStore(url)
    expect(await second.get('block', [['n']])).toEqual([{ name: 'n', next: 7, version: 1 }])
    await second.close()
  })

  it('refuses a second process on the same file with a sentence', async () => {
    const url = `sqlite:${freshFile()}`
    const first = await openStore(url)
    await expect(openStore(url)).rejects.toThrow(/in use by another process/)
    await first.close()
  })

  it('refuses a file that is no database with a sentence', async () => {
    const file = join(folder, 'garbage.db')
    writeFileSync(file, 'this is not a database, it only looks long enough to be one '.repeat(100))
    await expect(openStore(`sqlite:${file}`)).rejects.toThrow(/damaged/)
  })

  it('refuses data of a newer program with a sentence', async () => {
    const file = freshFile()
    const { default: Database } = await import('better-sqlite3')
    await (await openStore(`sqlite:${file}`)).close()
    const db = new Database(file)
    db.pragma('user_version = 99')
    db.close()
    await expect(openStore(`sqlite:${file}`)).rejects.toThrow(/newer/)
  })
})

describe('store URLs', () => {
  it('names the known ones when the scheme is unknown', async () => {
    await expect(openStore('oracle:x')).rejects.toThrow(/oracle.*sqlite:<path>, mysql:/)
  })
})
