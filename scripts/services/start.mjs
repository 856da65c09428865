import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../prepare.mjs'
import { ensureProgram, services } from './programs.mjs'

/**
 * @typedef {object} Services
 * @property {Record<string, string>} env      MYSQL_URL, REDIS_URL, NATS_URL, MONGODB_URL, NGINX_PATH
 * @property {Record<string, string>} missing  name of a service → why it cannot be had
 * @property {() => Promise<void>} stop        settles when every server we started and its folder are gone
 */

/**
 * @typedef {object} Wish
 * @property {(line: string) => void} log
 * @property {readonly string[]} [only]     names of services; without it all of them
 * @property {NodeJS.ProcessEnv} [environment]  a URL that is set here wins, and nothing is started for it
 * @property {(name: string, log: (line: string) => void) => import('./programs.mjs').Found} [find]
 */

const keeper = fileURLToPath(new URL('./keeper.mjs', import.meta.url))
const stopBoundMs = 20_000

/**
 * @param {import('./keeper.mjs').Order} order
 * @param {(line: string) => void} log
 * @returns {Promise<import('./keeper.mjs').Ready & { stop: () => Promise<void> }>}
 * @throws {Problem} when the servers' folder cannot be made
 */
async function startKeeper(order, log) {
  const child = fork(keeper, [], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const stop = async () => {
    if (child.connected) child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), stopBoundMs)
    await gone
    clearTimeout(late)
  }
  child.send(order)
  /** @type {import('./keeper.mjs').Report | undefined} */
  const report = await Promise.race([
    once(child, 'message').then(([first]) => first),
    gone.then(() => undefined),
  ])
  if (report === undefined || !('ready' in report)) {
    await stop()
    const why = report !== undefined && 'failed' in report ? report.failed : 'their keeper ended by itself'
    throw new Problem(`the services could not be started: ${why}`)
  }
  child.on(
    'message',
    (/** @type {import('./keeper.mjs').Report} */ later) => 'lost' in later && log(later.lost),
  )
  return { ...report.ready, stop }
}

/**
 * Real servers for the tests, on free ports of 127.0.0.1 with data folders of their own, below the system's
 * temporary folder or NEXO_SERVICES_FOLDER. What is not installed is, where this is Debian and we are root.
 * Where they are off (NEXO_SERVICES=off), only URLs that are set count.
 * @param {Wish} wish
 * @returns {Promise<Services>}
 * @throws {Problem} when a name is unknown or the folder cannot be made; what a server lacks is in `missing`
 */
export async function startServices({ log, only, environment = process.env, find = ensureProgram }) {
  /** @type {Services} */
  const result = { env: {}, missing: {}, stop: async () => {} }
  /** @type {Record<string, string>} */
  const programs = {}
  for (const name of only ?? Object.keys(services)) {
    const service = services[name]
    if (service === undefined)
      throw new Problem(`there is no service ${name}; there are ${Object.keys(services).join(', ')}`)
    const given = environment[service.variable]
    const found = given || environment['NEXO_SERVICES'] === 'off' ? undefined : find(name, log)
    if (given) result.env[service.variable] = given
    else if (found === undefined) result.missing[name] = 'services are off (NEXO_SERVICES=off)'
    else if ('missing' in found) result.missing[name] = found.missing
    else if (service.isServer) programs[name] = found.path
    else result.env[service.variable] = found.path
  }
  if (Object.keys(programs).length === 0) return result
  const base = path.resolve(environment['NEXO_SERVICES_FOLDER'] || tmpdir())
  const { urls, missing, stop } = await startKeeper({ programs, base }, log)
  for (const [name, url] of Object.entries(urls)) result.env[services[name]?.variable ?? name] = url
  return { env: result.env, missing: { ...result.missing, ...missing }, stop }
}
