import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Store } from './core/ports.ts'

/** What the owner of a running service may ask it on this machine. */
export interface Control {
  /** Ends what runs. */
  close(): Promise<void>
}

/** Longest path of a socket in bytes that every system takes, less the ending zero (sun_path). */
const longestPath = 100
const progressPeriod = 200

type Question = { readonly ask: 'copy'; readonly to: string }
type Word =
  | { readonly done: number; readonly all: number }
  | { readonly copied: true }
  | { readonly failed: string }

/**
 * Listens beside an SQLite file, which only its process can read while it runs: `nexo backup` asks it for a copy. Only the
 * owner of the files can connect. Undefined where the store needs no such door.
 * @param file of the store
 */
export async function openControl(store: Store, file: string): Promise<Control | undefined> {
  if (!store.copyTo) return undefined
  const sockets = new Set<Socket>()
  let isCopying = false
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    const lines = createInterface({ input: socket })
    lines.on('error', () => socket.destroy())
    lines.once('line', (line) => {
      const say = (word: Word): void => void socket.write(`${JSON.stringify(word)}\n`)
      if (isCopying) {
        socket.end(`${JSON.stringify({ failed: 'a backup is being made already' })}\n`)
        return
      }
      isCopying = true
      void answer(store, line, say, () => socket.destroyed).finally(() => {
        isCopying = false
        socket.end()
      })
    })
  })
  const place = await listen(server, file)
  return {
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
      clear(place)
      clear(noteOf(file))
    },
  }
}

async function answer(
  store: Store,
  line: string,
  say: (word: Word) => void,
  isGone: () => boolean,
): Promise<void> {
  let toldAt = 0
  try {
    const { ask, to } = JSON.parse(line) as Partial<Question>
    if (ask !== 'copy' || typeof to !== 'string' || !isAbsolute(to))
      throw new Error('this service does not know what it is asked')
    if (existsSync(to)) throw new Error(`${to} is there already`)
    try {
      await store.copyTo?.(to, (done, all) => {
        if (isGone()) throw new Error('nobody waits for the copy any more')
        if (Date.now() - toldAt < progressPeriod) return
        toldAt = Date.now()
        say({ done, all })
      })
    } catch (error) {
      rmSync(to, { force: true })
      throw error
    }
    say({ copied: true })
  } catch (error) {
    say({ failed: (error as Error).message })
  }
}

/**
 * Asks the service that has this SQLite file open to copy it.
 * @param to absolute path of a file that is not there yet
 * @returns false where no service listens; throws what the service says
 */
export async function askForCopy(
  file: string,
  to: string,
  progress: (done: number, all: number) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const socket = await reach(placeOf(file))
  if (!socket) return false
  const end = (): void => void socket.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', end)
  try {
    socket.write(`${JSON.stringify({ ask: 'copy', to } satisfies Question)}\n`)
    for await (const line of createInterface({ input: socket })) {
      const word = JSON.parse(line) as Word
      if ('copied' in word) return true
      if ('failed' in word) throw new Error(word.failed)
      progress(word.done, word.all)
    }
    signal?.throwIfAborted()
    throw new Error('the service went away before the copy was complete')
  } finally {
    signal?.removeEventListener('abort', end)
    socket.destroy()
  }
}

async function reach(place: string): Promise<Socket | undefined> {
  const socket = connect(place)
  try {
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    return socket
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTSOCK') return undefined
    throw new Error(`the service that has the files open cannot be asked: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

async function listen(server: Server, file: string): Promise<string> {
  const place = freePlace(file)
  // Between its making and a chmod anybody could connect: the mask closes it from the first moment.
  const mask = process.platform === 'win32' ? undefined : process.umask(0o177)
  const listening = once(server, 'listening')
  try {
    server.listen(place)
  } finally {
    if (mask !== undefined) process.umask(mask)
  }
  await listening
  if (process.platform !== 'win32') chmodSync(place, 0o600)
  return place
}

/** Where the socket lies, or a file that says where it does: the paths of sockets are short. */
const noteOf = (file: string): string => `${resolve(file)}.control`

/** Whoever opens the store is alone with it: what lies there was left behind by a process that is gone. */
function freePlace(file: string): string {
  const note = noteOf(file)
  if (process.platform === 'win32') return pipeOf(file)
  const former = placeOf(file)
  if (former !== note) clear(former)
  clear(note)
  if (Buffer.byteLength(note) <= longestPath) return note
  const place = join(mkdtempSync(join(tmpdir(), 'nexo-control-')), 'control')
  writeFileSync(note, place, { mode: 0o600 })
  return place
}

function placeOf(file: string): string {
  const note = noteOf(file)
  if (process.platform === 'win32') return pipeOf(file)
  const isNote = lstatSync(note, { throwIfNoEntry: false })?.isFile() ?? false
  return isNote ? readFileSync(note, 'utf8') : note
}

function pipeOf(file: string): string {
  return `\\\\.\\pipe\\nexo-${createHash('sha256').update(resolve(file)).digest('hex').slice(0, 32)}`
}

/** Takes a socket away, and the folder that was made for it alone. */
function clear(place: string): void {
  if (process.platform === 'win32') return
  rmSync(place, { force: true })
  if (!dirname(place).startsWith(join(tmpdir(), 'nexo-control-'))) return
  try {
    rmdirSync(dirname(place))
  } catch {
    // Not empty, or gone already.
  }
}
