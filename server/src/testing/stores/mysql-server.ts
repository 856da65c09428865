import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { type OwnServer, startOwnServer } from './own-server.ts'

export interface MysqlServer extends OwnServer {
  /** As its administrator. */
  url(database: string, query?: string): string
  /** Runs statements as its administrator. */
  run(...texts: readonly string[]): Promise<unknown>
}

const binary = '/usr/sbin/mariadbd'

/** Whether this machine has one; says why not. */
export function hasMysqlServer(): boolean {
  if (existsSync(binary)) return true
  console.error(`${binary} is missing (Debian: mariadb-server): tests that kill a database do not run`)
  return false
}

export async function startMysqlServer(...options: readonly string[]): Promise<MysqlServer> {
  const user = `--user=${userInfo().username}`
  const server = await startOwnServer({
    name: 'mariadb',
    prepare: (folder) =>
      promisify(execFile)('mariadb-install-db', [
        '--no-defaults',
        `--datadir=${folder}/data`,
        // Every MariaDB that starts clears its folder for temporary files: two of them must not share one.
        `--tmpdir=${folder}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        user,
        ...options,
      ]),
    command: ({ folder, port }) => [
      binary,
      '--no-defaults',
      user,
      `--datadir=${folder}/data`,
      `--tmpdir=${folder}`,
      `--socket=${folder}/s`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=32M',
      '--performance-schema=OFF',
      ...options,
    ],
    ask: async (port) => (await administrator(port)).end(),
  })
  return {
    ...server,
    url: (database, query = '') => `mysql://root@127.0.0.1:${server.port}/${database}${query}`,
    run: async (...texts) => {
      const connection = await administrator(server.port)
      try {
        let rows: unknown
        for (const text of texts) [rows] = await connection.query(text)
        return rows
      } finally {
        await connection.end()
      }
    },
  }
}

const administrator = (port: number) => createConnection({ host: '127.0.0.1', port, user: 'root' })
