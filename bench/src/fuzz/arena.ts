import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreName } from '../engines/engine.ts'
import { openPlace } from '../engines/place.ts'
import { openApi } from '../http.ts'
import { openInspector } from '../inspector.ts'
import { configOf, type Limit, requestLimits, sendsLimit, wordsOf } from '../scenarios/stage.ts'
import { type ServerProcess, startServer } from '../server-process.ts'
import { type Memory, rssOf } from './record.ts'

/** The real server in a process of its own, with an empty store, and nobody signed up. */
export interface Arena {
  readonly server: ServerProcess
  readonly store: StoreName
  /** Settings that differ from the shipped ones, in words. */
  readonly settings: readonly string[]
  /** Whether the process still runs. */
  lives(): boolean
  /** What it holds once everything that may go is gone. */
  memory(): Promise<Memory>
  stop(): Promise<void>
}

export interface ArenaWish {
  readonly store: StoreName
  /** Beside those that any fuzzing raises. */
  readonly limits?: readonly Limit[]
}

/** Without them all but the first thousands of cases would meet the limits alone. */
const raised: readonly Limit[] = [
  sendsLimit,
  ...requestLimits,
  { name: 'limits.contacts_per_minute', value: 100_000_000, shipped: 120 },
  { name: 'limits.ephemeral_per_minute', value: 100_000_000, shipped: 1200 },
  { name: 'limits.conversation_sends_per_minute', value: 100_000_000, shipped: 120_000 },
]

export async function openArena({ store, limits = [] }: ArenaWish): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), 'nexo-fuzz-'))
  const ending: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).toReversed()) await end()
  }
  try {
    const place = await openPlace({ store, bus: store === 'sqlite' ? undefined : 'redis', folder })
    ending.push(() => place.close())
    const configFile = join(folder, 'config.yaml')
    const all = [...raised, ...limits]
    await writeFile(configFile, configOf(place, all))
    const nodeArguments = ['--inspect=127.0.0.1:0']
    const server = await startServer({ data: join(folder, 'data'), configFile, nodeArguments })
    ending.push(() => server.stop())
    const inspector = await openInspector(server.inspector ?? '')
    ending.push(async () => inspector.close())
    const memory = async (): Promise<Memory> => {
      const heap = isAlive(server.pid) ? await inspector.heapAfterCollection() : 0
      return { heap, rss: rssOf(server.pid) }
    }
    return { server, store, settings: all.map(wordsOf), lives: () => isAlive(server.pid), memory, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const password = 'fuzz-only-password'

/** Registers somebody and signs them in; returns the token. */
export async function signUp(url: string, userId: string): Promise<string> {
  const api = openApi(url)
  try {
    await api.register(userId, password)
    return await api.login(userId, password)
  } finally {
    api.close()
  }
}

/** Signs somebody in again. */
export async function signIn(url: string, userId: string): Promise<string> {
  const api = openApi(url)
  try {
    return await api.login(userId, password)
  } finally {
    api.close()
  }
}
