import { existsSync } from 'node:fs'
import path from 'node:path'
import { installWithApt, whyAptCannot } from '../apt.mjs'
import { ensureFerretdb } from './ferretdb.mjs'

/**
 * @typedef {object} Service
 * @property {string} title
 * @property {string} variable     the environment variable that leads to it
 * @property {string[]} programs   all are needed, the first is the server
 * @property {string[]} packages   Debian's; MariaDB's core has no daemon that would start by itself
 * @property {boolean} isServer    we start it; of the others the tests only need the program
 */

/** What the tests can use, by name. @type {Readonly<Record<string, Service>>} */
export const services = {
  mariadb: {
    title: 'MariaDB',
    variable: 'MYSQL_URL',
    programs: ['mariadbd', 'mariadb-install-db', 'my_print_defaults'],
    packages: ['mariadb-server-core', 'mariadb-client-core'],
    isServer: true,
  },
  redis: {
    title: 'Redis',
    variable: 'REDIS_URL',
    programs: ['redis-server'],
    packages: ['redis-server'],
    isServer: true,
  },
  nats: {
    title: 'NATS',
    variable: 'NATS_URL',
    programs: ['nats-server'],
    packages: ['nats-server'],
    isServer: true,
  },
  // Not in Debian: FerretDB stands in for it.
  mongodb: { title: 'MongoDB', variable: 'MONGODB_URL', programs: [], packages: [], isServer: true },
  nginx: {
    title: 'nginx',
    variable: 'NGINX_PATH',
    programs: ['nginx'],
    packages: ['nginx'],
    isServer: false,
  },
}

// Debian leaves /usr/sbin out of the PATH of everybody but root.
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/**
 * @param {string} name
 * @returns {string | undefined} its whole path
 */
export function findProgram(name) {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  return [...onPath, ...elsewhere].map((folder) => path.join(folder, name)).find((file) => existsSync(file))
}

/** @typedef {{ path: string } | { missing: string }} Found */

/**
 * Makes sure that a service's program is there: from PATH, else from Debian, FerretDB built from source.
 * @param {string} name  of the service
 * @param {(line: string) => void} log
 * @returns {Found} the server's program, or why there is none
 */
export function ensureProgram(name, log) {
  const service = services[name]
  if (service === undefined) return { missing: `there is no service ${name}` }
  if (name === 'mongodb') return ensureFerretdb(log)
  const { title, programs, packages } = service
  const absent = () => programs.filter((program) => findProgram(program) === undefined)
  let why = whyAptCannot()
  if (absent().length > 0 && why === undefined) {
    log(`installing ${title} from Debian (once) …`)
    why = installWithApt(packages)
  }
  const server = findProgram(programs[0] ?? name)
  if (server !== undefined && absent().length === 0) return { path: server }
  return { missing: `${absent().join(', ')} is not on PATH: ${why ?? 'apt-get left none behind'}` }
}
