import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entry } from '../../testing/stores/changes.ts'
import { openSqliteStore } from '../sqlite.ts'

const conversation = 'si_ann:bob'
const commits = 60

let folder: string
let sound: { readonly file: Buffer; readonly log: Buffer }

/** What a process leaves behind that is killed. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-log-'))
  const file = join(folder, 'killed.db')
  const store = openSqliteStore(file)
  for (let seq = 1; seq <= commits; seq++)
    await store.commit((from) => [{ append: entry(conversation, seq, { id: from }) }])
  sound = { file: readFileSync(file), log: readFileSync(`${file}-wal`) }
  await store.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How many messages are there with this log; a sentence where it is refused. */
async function found(log: Buffer): Promise<number | string> {
  const file = join(folder, 'found.db')
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  writeFileSync(file, sound.file)
  writeFileSync(`${file}-wal`, log)
  try {
    const store = openSqliteStore(file)
    const { length } = await store.read(conversation, 1, commits, commits)
    await store.close()
    return length
  } catch (error) {
    return (error as Error).message
  }
}

function flipped(bit: number): Buffer {
  const log = Buffer.from(sound.log)
  log[bit >> 3] = (log[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return log
}

describe('the log of a process that was killed', () => {
  it('is read to its end when it is whole', async () => {
    expect(await found(sound.log)).toBe(commits)
  })

  it('is refused, whichever bit of it turned over, unless that is in the last two commits', async () => {
    const answers: (number | string)[] = []
    for (let i = 0; i < 150; i++)
      answers.push(await found(flipped(Math.floor(((i + 0.5) / 150) * sound.log.length * 8))))
    const read = answers.filter((answer) => typeof answer === 'number')
    const refused = answers.filter((answer) => typeof answer === 'string')
    expect(Math.min(commits, ...read)).toBeGreaterThanOrEqual(commits - 2)
    expect(refused.filter((words) => !/is damaged/.test(words))).toEqual([])
    expect(refused.length).toBeGreaterThan(100)
  })

  it('is refused when its first bytes, which tell what it is, are damaged', async () => {
    for (const bit of [3, 70, 130, 200]) expect(await found(flipped(bit))).toMatch(/-wal is damaged: restore/)
  })

  it('is taken as it is when a power cut tore the last commit', async () => {
    expect(await found(sound.log.subarray(0, sound.log.length - 100))).toBe(commits - 1)
  })

  it('starts anew with every process, so that two power cuts in a row are not taken for damage', async () => {
    const file = join(folder, 'twice.db')
    copyFileSync(join(folder, 'killed.db'), file)
    writeFileSync(file, sound.file)
    writeFileSync(`${file}-wal`, sound.log)
    const store = openSqliteStore(file)
    expect(readFileSync(`${file}-wal`)).toHaveLength(0)
    expect(await store.read(conversation, 1, commits, commits)).toHaveLength(commits)
    await store.close()
  })
})
