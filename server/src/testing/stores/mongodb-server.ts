import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { MongoClient } from 'mongodb'

/** A server of the test's own, so that it may be killed and stopped. */
export interface MongodbServer {
  readonly port: number
  url(database: string, query?: string): string
  /** As a crash does: kill -9. */
  kill(): Promise<void>
  /** Starts it again on the same data; resolves when it answers. */
  start(): Promise<void>
  /** It hangs: takes connections and answers nothing. */
  pause(): void
  resume(): void
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** A `mongod` on the path, else the FerretDB that `npm test` builds; says so when there is neither. */
export function mongodbProgram(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'mongod'))
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'nexo-im')
  const built = (existsSync(cache) ? readdirSync(cache) : [])
    .filter((name) => name.startsWith('ferretdb-'))
    .map((name) => join(cache, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  const found = [...onPath, ...built].find((file) => existsSync(file))
  if (found === undefined)
    process.stderr.write(
      'mongodb: there is no mongod and no built FerretDB (npm test builds it): tests that kill a server do not run\n',
    )
  return found
}

export async function startMongodbServer(program: string): Promise<MongodbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nexo-mongodb-'))
  const port = await freePort()
  const url = (database: string, query = ''): string => `mongodb://127.0.0.1:${port}/${database}${query}`
  const options = program.endsWith('mongod')
    ? ['--bind_ip', '127.0.0.1', '--port', `${port}`, '--dbpath', folder]
    : [`127.0.0.1:${port}`, folder]
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    child = spawn(program, options, { stdio: 'ignore' })
    await answers(url('admin', '?serverSelectionTimeoutMS=500'), child)
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  await start()
  return {
    port,
    url,
    kill,
    start,
    pause: () => child?.kill('SIGSTOP'),
    resume: () => child?.kill('SIGCONT'),
    remove: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const client = new MongoClient(url)
    try {
      await client.db('admin').command({ ping: 1 })
      return
    } catch (error) {
      if (child.exitCode !== null)
        throw new Error(`the server ended with ${child.exitCode}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await client.close()
    }
  }
}
