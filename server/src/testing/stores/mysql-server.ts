import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'

/** A MariaDB of the test's own, so that it may be killed, stopped and filled. */
export interface MysqlServer {
  readonly port: number
  /** As its administrator. */
  url(database: string, query?: string): string
  /** Runs statements as its administrator. */
  run(...texts: readonly string[]): Promise<unknown>
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

const binary = '/usr/sbin/mariadbd'

/** Whether this machine has one; says why not. */
export function hasMysqlServer(): boolean {
  if (existsSync(binary)) return true
  console.error(`${binary} is missing (Debian: mariadb-server): tests that kill a database do not run`)
  return false
}

export async function startMysqlServer(...options: readonly string[]): Promise<MysqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nexo-mysql-'))
  const port = await freePort()
  const user = `--user=${userInfo().username}`
  await promisify(execFile)('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${folder}/data`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    user,
    ...options,
  ])
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    child = spawn(
      binary,
      [
        '--no-defaults',
        user,
        `--datadir=${folder}/data`,
        `--socket=${folder}/s`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--innodb-buffer-pool-size=32M',
        '--performance-schema=OFF',
        ...options,
      ],
      { stdio: 'ignore' },
    )
    await answers(port, child)
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
    url: (database, query = '') => `mysql://root@127.0.0.1:${port}/${database}${query}`,
    run: async (...texts) => {
      const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
      try {
        let rows: unknown
        for (const text of texts) [rows] = await connection.query(text)
        return rows
      } finally {
        await connection.end()
      }
    },
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

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    try {
      const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
      await connection.end()
      return
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`MariaDB ended with ${child.exitCode}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
