import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askForCopy, type Control, openControl } from './control.ts'
import type { Store } from './core/ports.ts'
import { openStore } from './storage/open.ts'

let folder: string
let open: { store: Store; control: Control | undefined }[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexo-door-'))
})
afterEach(async () => {
  for (const { store, control } of open.splice(0)) {
    await control?.close()
    await store.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

async function service(file: string): Promise<{ store: Store; control: Control | undefined }> {
  const store = await openStore(`sqlite:${file}`)
  await store.commit(() => [{ put: [{ kind: 'block', row: { name: 'n', next: 7 } }] }])
  const opened = { store, control: await openControl(store, file) }
  open.push(opened)
  return opened
}

const nothing = (): void => undefined

async function blockIn(file: string): Promise<number | undefined> {
  const copy = await openStore(`sqlite:${file}`)
  const [row] = await copy.get('block', [['n']])
  await copy.close()
  return row?.next
}

describe('the door beside an SQLite file', () => {
  it('gives whoever asks a copy of what the service holds', async () => {
    const file = join(folder, 'nexo.db')
    await service(file)
    expect(await askForCopy(file, join(folder, 'copy.db'), nothing)).toBe(true)
    expect(await blockIn(join(folder, 'copy.db'))).toBe(7)
  })

  it('is there for the owner alone, as is the copy', async () => {
    const file = join(folder, 'nexo.db')
    await service(file)
    await askForCopy(file, join(folder, 'copy.db'), nothing)
    expect(statSync(`${file}.control`).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'copy.db')).mode & 0o777).toBe(0o600)
  })

  it('says that nobody listens where no service runs', async () => {
    expect(await askForCopy(join(folder, 'nexo.db'), join(folder, 'copy.db'), nothing)).toBe(false)
  })

  it('goes with the service, and takes the place of one that a killed service left behind', async () => {
    const file = join(folder, 'nexo.db')
    const first = await service(file)
    await first.control?.close()
    expect(existsSync(`${file}.control`)).toBe(false)
    await first.store.close()
    open = []
    writeFileSync(`${file}.control`, join(tmpdir(), 'nexo-control-gone', 'control'))
    expect(await askForCopy(file, join(folder, 'a.db'), nothing)).toBe(false)
    await service(file)
    expect(await askForCopy(file, join(folder, 'b.db'), nothing)).toBe(true)
  })

  it('lies elsewhere where the path is too long for a socket, and leaves nothing there', async () => {
    const deep = join(folder, 'a'.repeat(60), 'b'.repeat(60))
    mkdirSync(deep, { recursive: true })
    const file = join(deep, 'nexo.db')
    const { control, store } = await service(file)
    const place = readFileSync(`${file}.control`, 'utf8')
    expect(place.length).toBeLessThan(108)
    expect(statSync(dirname(place)).mode & 0o777).toBe(0o700)
    expect(await askForCopy(file, join(folder, 'copy.db'), nothing)).toBe(true)
    await control?.close()
    await store.close()
    open = []
    expect(existsSync(dirname(place))).toBe(false)
    expect(existsSync(`${file}.control`)).toBe(false)
  })

  it('refuses what it does not know, a place that is taken, and a second copy at the same time', async () => {
    const file = join(folder, 'nexo.db')
    await service(file)
    const say = async (text: string): Promise<string> => {
      const socket = connect(`${file}.control`)
      socket.write(`${text}\n`)
      let heard = ''
      socket.on('data', (chunk) => {
        heard += String(chunk)
      })
      await once(socket, 'close')
      return heard
    }
    for (const text of ['{}', 'no json', '{"ask":"copy","to":"relative.db"}', '{"ask":"copy"}'])
      expect(await say(text)).toMatch(/"failed"/)
    await expect(askForCopy(file, file, nothing)).rejects.toThrow(/is there already/)
    const both = await Promise.allSettled([
      askForCopy(file, join(folder, 'a.db'), nothing),
      askForCopy(file, join(folder, 'b.db'), nothing),
    ])
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(readdirSync(folder).filter((name) => /^[ab]\.db/.test(name))).toHaveLength(1)
  })

  it('gives a copy up when nobody waits for it any more', async () => {
    const file = join(folder, 'nexo.db')
    const { store } = await service(file)
    const row = {
      from_id: 'a',
      message: 'x'.repeat(2000),
      state: 1,
      created_at: 1,
      updated_at: 1,
      position: 1,
    }
    for (let i = 0; i < 20; i++)
      await store.commit(() => [
        {
          put: Array.from({ length: 500 }, (_, n) => ({
            kind: 'friend_request' as const,
            row: { ...row, to_id: `${i} ${n}` },
          })),
        },
      ])
    const stop = new AbortController()
    const asked = askForCopy(
      file,
      join(folder, 'copy.db'),
      () => stop.abort(new Error('enough')),
      stop.signal,
    )
    await expect(asked).rejects.toThrow('enough')
    await expect.poll(() => existsSync(join(folder, 'copy.db'))).toBe(false)
    expect(await askForCopy(file, join(folder, 'again.db'), nothing)).toBe(true)
  })

  it('says so when the service goes away before the copy is complete', async () => {
    const file = join(folder, 'nexo.db')
    const server = createServer((socket) => socket.once('data', () => socket.destroy()))
    server.listen(`${file}.control`)
    await once(server, 'listening')
    await expect(askForCopy(file, join(folder, 'copy.db'), nothing)).rejects.toThrow(/went away/)
    server.close()
  })
})
