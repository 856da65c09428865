import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdFile, refuseHeld } from './lock.ts'

const children: ChildProcess[] = []
let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-lock-'))
  file = join(folder, 'im.db')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const busy = expect.objectContaining({ code: expect.stringMatching(/^SQLITE_BUSY/) })

const failureOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/** Another process that holds the file until it is killed. */
async function holder(): Promise<ChildProcess> {
  const source = `import { holdFile } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)}
    globalThis.letGo = holdFile(${JSON.stringify(file)}); process.stdout.write('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child
}

describe('the lock of a file', () => {
  it('is held by one process, and free again when that one is killed', async () => {
    const child = await holder()
    expect(failureOf(() => holdFile(file))).toEqual(busy)
    expect(failureOf(() => refuseHeld(file))).toEqual(busy)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(`${file}-lock`)).toBe(true)
    expect(readdirSync(folder)).toEqual(['im.db-lock'])
    holdFile(file)()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is held once within a process, too', () => {
    const letGo = holdFile(file)
    expect(failureOf(() => holdFile(file))).toEqual(busy)
    letGo()
    holdFile(file)()
  })

  it('leaves nothing beside a file that nobody ever held', () => {
    refuseHeld(file)
    expect(existsSync(`${file}-lock`)).toBe(false)
  })
})
