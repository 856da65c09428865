import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../testing/harness.ts'
import { type Person, signUp } from '../testing/wire.ts'
import { verify } from './verify.ts'

/** A store with two logs, one of them with an edited, a recalled and a quoting message; then tampered with. */
let server: Harness
let ann: Person
beforeEach(async () => {
  server = await startHarness()
  ann = await signUp(server.url, 'ann')
  const bob = await signUp(server.url, 'bob')
  for (let i = 1; i <= 6; i++) await ann.send({ recv_id: 'bob' }, `message ${i}`, `a${i}`)
  const chat = 'si_ann:bob'
  await ann.post('/msg/edit', { conversation_id: chat, seq: 2, content: { text: 'message two' } })
  await ann.post('/msg/recall', { conversation_id: chat, seq: 3 })
  await bob.post('/msg/send', {
    client_msg_id: 'q',
    recv_id: 'ann',
    msg_type: 8,
    content: { quote: { seq: 4, text: 'indeed' } },
  })
  await bob.send({ recv_id: 'bob' }, 'note to self')
  await server.service.getServer().stop()
})
afterEach(() => server.stop())

const check = () => verify(['--data', server.dataFolder], () => undefined)

function tamper(sql: string): void {
  const db = new Database(join(server.dataFolder, 'nexo.db'))
  const { changes } = db.prepare(sql).run()
  db.close()
  if (changes === 0) throw new Error(`nothing was tampered with: ${sql}`)
}

const row = (seq: number): string => `conversation_id = 'si_ann:bob' AND seq = ${seq}`

describe('nexo verify', () => {
  it('finds an honest store sound, edits, recalls and quotes included', async () => {
    expect(await check()).toEqual({
      sound: true,
      lines: [expect.stringMatching(/^sound: 2 conversations, 8 messages, 7 bodies checked in/)],
    })
  })

  it.each([
    ['a message that was taken out', `DELETE FROM im_message WHERE ${row(4)}`, 4, 'missing'],
    [
      'a body that was altered',
      `UPDATE im_message SET body = '{"text":"forged"}' WHERE ${row(5)}`,
      5,
      'altered after',
    ],
    [
      'the first version of an edited message, altered',
      `UPDATE im_edit SET body = '{"text":"forged"}' WHERE ${row(2)}`,
      2,
      'altered after',
    ],
    ['a sender that was altered', `UPDATE im_message SET sender_id = 'bob' WHERE ${row(1)}`, 1, 'follow'],
    ['a time that was altered', `UPDATE im_message SET send_at = send_at + 1 WHERE ${row(6)}`, 6, 'follow'],
    [
      'a digest that was made to fit a forged body',
      `UPDATE im_message SET digest = (SELECT digest FROM im_message WHERE ${row(1)}) WHERE ${row(6)}`,
      6,
      'follow',
    ],
    [
      'a chain value with one other letter',
      `UPDATE im_message SET chain = iif(chain LIKE 'A%', 'B', 'A') || substr(chain, 2) WHERE ${row(4)}`,
      4,
      'follow',
    ],
  ])('names %s', async (_, sql, seq, problem) => {
    tamper(sql)
    const { sound, lines } = await check()
    expect(sound).toBe(false)
    expect(lines[0]).toMatch(new RegExp(`^si_ann:bob: message ${seq} .*${problem}`))
    expect(lines.at(-1)).toMatch(/damaged: 2 conversations/)
  })

  it('names the first of two messages that were swapped', async () => {
    tamper(`UPDATE im_message SET seq = 99 WHERE ${row(4)}`)
    tamper(`UPDATE im_message SET seq = 4 WHERE ${row(5)}`)
    tamper(`UPDATE im_message SET seq = 5 WHERE ${row(99)}`)
    expect((await check()).lines[0]).toMatch(/^si_ann:bob: message 4 .*follow/)
  })

  it('names a message that was written a second time at the end', async () => {
    tamper(
      `INSERT INTO im_message SELECT NULL, conversation_id, 8, id, sender_id, 'again', msg_type, body, send_at, meta, salt, ` +
        `digest, chain, checksum FROM im_message WHERE ${row(6)}`,
    )
    expect((await check()).lines[0]).toMatch(/^si_ann:bob: message 8 .*follow/)
  })

  it('says that there is no store where none is', async () => {
    await expect(verify(['--data', join(server.dataFolder, 'nowhere')], () => undefined)).rejects.toThrow(
      /there is no store at .*--data/,
    )
  })
})
