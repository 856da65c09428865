import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { Problem } from '../prepare.mjs'
import { mongoGreeting, mysqlGreeting, natsGreeting, redisGreeting } from './answers.mjs'
import { findProgram } from './programs.mjs'

/**
 * What a kind of server needs to run: its arguments, how it greets, and the URL that leads to it.
 * @typedef {{ args: string[], greeting: import('./answers.mjs').Greeting, url: string }} Setup
 */

/**
 * Fills the server's private folder; passwords stand in files there, never among the arguments that `ps` shows.
 * @typedef {(seat: { folder: string, port: number, cancel: AbortSignal }) => Setup | Promise<Setup>} Prepare
 */

const newPassword = () => randomBytes(12).toString('hex')

/** MariaDB runs as whoever runs us, and root must say so. */
const asRoot = () => (process.getuid?.() === 0 ? ['--user=root'] : [])

/**
 * Run by MariaDB before it takes connections. Root's open account goes; ours may make databases `nexo…` and,
 * for tests of poor rights, users that see them.
 * @param {string} password
 */
function accounts(password) {
  return [
    "DELETE FROM mysql.global_priv WHERE User <> 'mariadb.sys';",
    'FLUSH PRIVILEGES;',
    'CREATE DATABASE nexo;',
    `CREATE USER nexo@'127.0.0.1' IDENTIFIED BY '${password}';`,
    "GRANT ALL ON `nexo%`.* TO nexo@'127.0.0.1' WITH GRANT OPTION;",
    "GRANT CREATE USER, PROCESS ON *.* TO nexo@'127.0.0.1';",
  ].join('\n')
}

/** @type {Prepare} */
async function mariadb({ folder, port, cancel }) {
  const data = path.join(folder, 'data')
  const first = path.join(folder, 'accounts.sql')
  const password = newPassword()
  // Every MariaDB that starts sweeps `#sql…` files out of its temporary folder: /tmp is shared with others.
  const tmp = path.join(folder, 'tmp')
  mkdirSync(tmp)
  const install = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${tmp}`, ...asRoot()]
  await promisify(execFile)(
    findProgram('mariadb-install-db') ?? 'mariadb-install-db',
    // --force: the machine's own name need not be known to any name service.
    [
      ...install,
      '--force',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    { signal: cancel },
  ).catch(({ code, stdout = '', stderr = '' }) => {
    throw new Problem(
      `mariadb-install-db ended with ${code}; the end of its words:\n${`${stdout}${stderr}`.slice(-2000)}`,
    )
  })
  writeFileSync(first, accounts(password), { mode: 0o600 })
  return {
    args: [
      ...install,
      `--init-file=${first}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      // Relative to the data folder: a socket's whole path may have 107 bytes only.
      '--socket=mariadb.sock',
      '--pid-file=mariadb.pid',
      '--skip-log-bin',
      '--skip-name-resolve',
      '--max-connections=500',
      '--character-set-server=utf8mb4',
      '--innodb-buffer-pool-size=256M',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-flush-method=fsync',
    ],
    greeting: mysqlGreeting,
    url: `mysql://nexo:${password}@127.0.0.1:${port}/nexo`,
  }
}

/** @type {Prepare} */
function redis({ folder, port }) {
  const password = newPassword()
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${folder}"`,
    `requirepass ${password}`,
    'daemonize no',
    'save ""',
    'appendonly yes',
    'appendfsync always',
    'maxmemory-policy noeviction',
  ]
  const file = path.join(folder, 'redis.conf')
  writeFileSync(file, `${settings.join('\n')}\n`, { mode: 0o600 })
  return { args: [file], greeting: redisGreeting(password), url: `redis://:${password}@127.0.0.1:${port}/0` }
}

/** @type {Prepare} */
function nats({ folder, port }) {
  const password = newPassword()
  const file = path.join(folder, 'nats.conf')
  const account = `authorization { user: "nexo", password: "${password}" }`
  writeFileSync(file, `listen: "127.0.0.1:${port}"\n${account}\n`, { mode: 0o600 })
  return {
    args: ['-c', file],
    greeting: natsGreeting('nexo', password),
    url: `nats://nexo:${password}@127.0.0.1:${port}`,
  }
}

/** @type {Prepare} */
function mongodb({ folder, port }) {
  const data = path.join(folder, 'data')
  mkdirSync(data)
  return {
    args: [`127.0.0.1:${port}`, data],
    greeting: mongoGreeting,
    url: `mongodb://127.0.0.1:${port}/`,
  }
}

/** How each server is set up, by the name of its service. */
export const kinds = { mariadb, redis, nats, mongodb }
