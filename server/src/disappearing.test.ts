import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startHarness } from './testing/harness.ts'
import { signIn, signUp } from './testing/wire.ts'

/** Through the whole service and its files: what disappears is nowhere, and what was planned survives a restart. */
let dataFolder: string
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'nexo-test-'))
})
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }))

const canary = 'canary9f2c'

/** Table.column of every place in the database that holds the text. */
function placesOf(text: string): string[] {
  const db = new Database(join(dataFolder, 'nexo.db'), { readonly: true })
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
  const found = tables.flatMap((table) =>
    db
      .prepare(`SELECT * FROM "${table}"`)
      .all()
      .flatMap((row) => Object.entries(row as object))
      .filter(([, value]) => String(value).includes(text))
      .map(([column]) => `${table}.${column}`),
  )
  db.close()
  return [...new Set(found)].sort()
}

it('a disappeared message has left every table, with its versions, quotes and reactions', async () => {
  const server = await startHarness({ dataFolder })
  const ann = await signUp(server.url, 'ann')
  const bob = await signUp(server.url, 'bob')
  const chat = { conversation_id: 'si_ann:bob' }
  const say = (id: string, msg_type: number, content: object, mentions: string[] = []) =>
    ann.post('/msg/send', { client_msg_id: id, recv_id: 'bob', msg_type, content, mentions })
  await ann.send({ recv_id: 'bob' }, 'hello')
  await ann.put('/conversation/set_expiry', { ...chat, seconds: 2 })
  await say('m1', 1, { text: `first ${canary}` }, ['bob'])
  await ann.put('/conversation/set_expiry', { ...chat, seconds: 0 })
  await say('m2', 8, { quote: { seq: 2, text: 'my own words' } })
  const message = { ...chat, seq: 2 }
  const done = [
    await ann.post('/msg/edit', { ...message, content: { text: `second ${canary}` } }),
    await bob.post('/msg/react', { ...message, emoji: `:${canary}:` }),
    await bob.post('/msg/pin', message),
  ]
  expect(done.map((answer) => answer.code)).toEqual([0, 0, 0])
  const goneFor = async () => {
    const page = await bob.get<{ messages: { gone?: { cause: string } }[] }>(
      '/msg/pull?conversation_id=si_ann:bob&begin_seq=2&end_seq=2',
    )
    return page.data.messages[0]?.gone?.cause
  }
  await expect.poll(goneFor, { timeout: 10_000 }).toBe('expired')
  await server.stop()
  expect(placesOf('hello')).toEqual(['im_message.body'])
  expect(placesOf('my own words')).toEqual(['im_message.body'])
  expect(placesOf(canary)).toEqual([])
  // Nor in pages that the database has given up: whoever gets hold of the file finds nothing either.
  for (const file of readdirSync(dataFolder)) {
    expect(readFileSync(join(dataFolder, file)).includes(canary), file).toBe(false)
  }
})

it('a scheduled message is sent by the next start when its time passed meanwhile', async () => {
  const first = await startHarness({ dataFolder })
  const ann = await signUp(first.url, 'ann')
  await signUp(first.url, 'bob')
  const answer = await ann.post('/msg/schedule', {
    at: Date.now() + 1500,
    client_msg_id: 'later',
    recv_id: 'bob',
    msg_type: 1,
    content: { text: 'hi' },
  })
  expect(answer.code).toBe(0)
  await first.stop()
  await new Promise((resolve) => setTimeout(resolve, 1600))
  const second = await startHarness({ dataFolder })
  const bob = await signIn(second.url, 'bob')
  const ids = async () => {
    const page = await bob.get<{ messages: { client_msg_id: string }[] }>(
      '/msg/pull?conversation_id=si_ann:bob',
    )
    return page.data.messages.map((m) => m.client_msg_id)
  }
  await expect.poll(ids, { timeout: 10_000 }).toEqual(['later'])
  await second.stop()
})
