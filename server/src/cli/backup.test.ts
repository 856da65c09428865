import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tables } from '../core/tables.ts'
import { startHarness } from '../testing/harness.ts'
import { type Program, runHere, startProgram } from '../testing/program.ts'
import { call, signUp } from '../testing/wire.ts'

let folder: string
let programs: Program[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-backups-'))
  programs = []
})
afterEach(async () => {
  for (const { child, ended } of programs) {
    child.kill('SIGKILL')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string): string => join(folder, name)
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

async function serve(data: string): Promise<{ url: string; program: Program }> {
  const env = { IM_LIMITS__SENDS_PER_MINUTE: '1000000' }
  const program = startProgram(['serve', '--port', '0', '--data', data], env)
  programs.push(program)
  return { url: await program.printed(/http:\/\/[\d.]+:\d+/), program }
}

/** Four people who write until they are told to stop, and what was acked to them. */
async function writers(url: string): Promise<{ acked: Map<string, number>; stop(): Promise<void> }> {
  const acked = new Map<string, number>()
  await signUp(url, 'bob')
  let goes = true
  const people = await Promise.all(['w1', 'w2', 'w3', 'w4'].map((id) => signUp(url, id)))
  const writing = people.map(async (person) => {
    for (let i = 0; goes; i++) {
      const id = `${person.id} ${i}`
      const { data, code } = await person.send({ recv_id: 'bob' }, `message ${i} `.repeat(20), id)
      if (code !== 0) throw new Error(`refused with ${code}`)
      acked.set(id, (data as { seq: number }).seq)
    }
  })
  return {
    acked,
    stop: async () => {
      goes = false
      await Promise.all(writing)
    },
  }
}

function sentIn(file: string): Map<string, number> {
  const db = new Database(file, { readonly: true })
  const rows = db.prepare('SELECT client_msg_id, seq FROM im_message').raw().all() as [string, number][]
  db.close()
  return new Map(rows)
}

/** A closed data folder with three messages. */
async function data(name: string): Promise<string> {
  const { url, service } = await startHarness({ dataFolder: at(name) })
  const ann = await signUp(url, 'ann')
  await signUp(url, 'bob')
  for (let i = 0; i < 3; i++) await ann.send({ recv_id: 'bob' }, `message ${i}`)
  await service.getServer().stop()
  return at(name)
}

describe('nexo backup', () => {
  it('of a running service holds every message acked before, and restored it is a sound service', async () => {
    const { url } = await serve(at('data'))
    const writing = await writers(url)
    await expect.poll(() => writing.acked.size, { timeout: 20_000 }).toBeGreaterThan(200)
    const before = new Map(writing.acked)
    const { code, out, err } = await runHere(['backup', '--data', at('data'), '--to', at('b.db')])
    await writing.stop()
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/b\.db: .*B, [\d,]+ messages in 4 conversations, verified/)
    const kept = sentIn(at('b.db'))
    for (const [id, seq] of before) expect(kept.get(id)).toBe(seq)
    // It went on meanwhile.
    expect(writing.acked.size).toBeGreaterThan(before.size)

    const bytes = digest(at('b.db'))
    const restored = await runHere(['restore', '--from', at('b.db'), '--data', at('restored')])
    expect([restored.code, restored.out]).toEqual([0, expect.stringMatching(/\nequal\n$/)])
    expect(digest(at('b.db'))).toBe(bytes)
    expect(sentIn(at('restored/nexo.db'))).toEqual(kept)
    const verified = await runHere(['verify', '--data', at('restored')])
    expect(verified.out).toMatch(
      new RegExp(`^sound: 4 conversations, ${kept.size} messages, ${kept.size} bodies`),
    )
    const second = await serve(at('restored'))
    const credentials = { user_id: 'w1', password: 'secret of w1', platform_id: 5 }
    const login = await call(second.url, 'POST', '/auth/login', credentials)
    const { token } = login.data as { token: string }
    const body = { client_msg_id: 'after', recv_id: 'bob', msg_type: 1, content: { text: 'x' } }
    const sent = await call(second.url, 'POST', '/msg/send', body, token)
    const seqs = [...kept].filter(([id]) => id.startsWith('w1 ')).map(([, seq]) => seq)
    expect(sent.data).toMatchObject({ seq: Math.max(...seqs) + 1 })
  }, 60_000)

  it('of a service that does not run is compared with the original', async () => {
    const { code, out } = await runHere(['backup', '--data', await data('data'), '--to', at('b.db')])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/3 messages in 1 conversations, verified and compared/),
    ])
  })

  it('refuses a file that is there already, unless it is told to replace it', async () => {
    const folder = await data('data')
    const args = ['backup', '--data', folder, '--to', at('b.db')]
    await runHere(args)
    const bytes = digest(at('b.db'))
    const second = await runHere(args)
    expect([second.code, second.err, digest(at('b.db'))]).toEqual([
      1,
      expect.stringMatching(/there already/),
      bytes,
    ])
    expect((await runHere([...args, '--force', '--no-verify'])).out).toMatch(/not verified/)
  })

  it('keeps no backup of damaged data, and names the place', async () => {
    const folder = await data('data')
    const db = new Database(join(folder, 'nexo.db'))
    db.exec(`UPDATE im_message SET body = '{"text":"forged"}' WHERE seq = 2`)
    db.close()
    const { code, out } = await runHere(['backup', '--data', folder, '--to', at('b.db')])
    expect([code, readdirSync(at(''))]).toEqual([1, ['data']])
    expect(out).toMatch(/^si_ann:bob: message 2 is damaged/)
    expect(out).toMatch(/no backup is kept/)
  })

  it('says that there is no store where none is, and makes none', async () => {
    const { code, err } = await runHere(['backup', '--data', at('nowhere'), '--to', at('b.db')])
    expect([code, err, readdirSync(at(''))]).toEqual([1, expect.stringMatching(/there is no store at/), []])
  })
})

describe('nexo restore', () => {
  it('refuses a store that holds data, which stays as it is', async () => {
    const folder = await data('data')
    await runHere(['backup', '--data', folder, '--to', at('b.db')])
    const before = sentIn(join(folder, 'nexo.db'))
    const { code, err } = await runHere(['restore', '--from', at('b.db'), '--data', folder])
    expect([code, err]).toEqual([1, expect.stringMatching(/target holds data already: name an empty one/)])
    expect(sentIn(join(folder, 'nexo.db'))).toEqual(before)
  })

  it('migrates a backup of an earlier version on a copy', async () => {
    const folder = await data('data')
    const db = new Database(join(folder, 'nexo.db'))
    for (const kind of ['message', ...Object.keys(tables)])
      db.exec(`ALTER TABLE "im_${kind}" DROP COLUMN "checksum"`)
    db.exec(
      `DELETE FROM im_block WHERE "name" = 'log'; PRAGMA user_version = 2; PRAGMA journal_mode = DELETE`,
    )
    db.close()
    const bytes = digest(join(folder, 'nexo.db'))
    const saved = await runHere(['backup', '--data', folder, '--to', at('b.db')])
    expect([saved.code, saved.out]).toEqual([0, expect.stringMatching(/of version 2: nexo restore migrates/)])
    expect(digest(join(folder, 'nexo.db'))).toBe(bytes)
    const kept = digest(at('b.db'))
    const { code, err } = await runHere(['restore', '--from', at('b.db'), '--data', at('new')])
    expect([code, err]).toEqual([0, expect.stringMatching(/of version 2.*a copy of it is migrated/)])
    expect(digest(at('b.db'))).toBe(kept)
    expect(sentIn(at('new/nexo.db')).size).toBe(3)
  })

  it.each([
    ['a file that is no database', 'package.json', /is damaged/],
    ['a file that is not there', 'missing.db', /there is no file/],
  ])('refuses %s', async (_, name, words) => {
    const from = join(import.meta.dirname, '../../', name)
    const { code, err } = await runHere(['restore', '--from', from, '--data', at('new')])
    expect([code, err, readdirSync(at(''))]).toEqual([1, expect.stringMatching(words), []])
  })

  it('refuses a database of another program', async () => {
    const db = new Database(at('other.db'))
    db.exec('CREATE TABLE mine (x)')
    db.close()
    const { code, err } = await runHere(['restore', '--from', at('other.db'), '--data', at('new')])
    expect([code, err]).toEqual([1, expect.stringMatching(/holds no data of Nexo IM/)])
  })
})
