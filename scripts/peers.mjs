import { existsSync, readFileSync } from 'node:fs'
import { installWithApt, whyAptCannot } from './apt.mjs'
import { findProgram } from './services/programs.mjs'

/**
 * The other makers' servers that `npm run bench -- compare` puts beside ours.
 * @type {Readonly<Record<string, { title: string, programs: string[], packages: string[] }>>}
 */
const peers = {
  ejabberd: { title: 'ejabberd', programs: ['erl'], packages: ['ejabberd', 'erlang-p1-mysql'] },
  prosody: { title: 'Prosody', programs: ['prosody'], packages: ['prosody', 'lua-dbi-mysql', 'lua-event'] },
  nats: { title: 'NATS', programs: ['nats-server'], packages: ['nats-server'] },
}

const records = '/var/lib/dpkg/status'

/** @param {string} name of a package, looked for in Debian's own records */
function isInstalled(name) {
  const record = readFileSync(records, 'utf8')
    .split('\n\n')
    .find((one) => one.startsWith(`Package: ${name}\n`))
  return record?.includes('\nStatus: install ok installed\n') ?? false
}

/**
 * Without Debian the programs are all that can be looked for.
 * @param {{ programs: string[], packages: string[] }} peer
 */
function lackOf({ programs, packages }) {
  if (existsSync(records)) return packages.filter((name) => !isInstalled(name))
  return programs.filter((name) => findProgram(name) === undefined)
}

/**
 * @param {string} name
 * @returns {string | undefined} why it cannot be had
 */
function ensure(name) {
  const peer = peers[name]
  if (peer === undefined) return `there is no peer ${name}`
  const lack = lackOf(peer)
  if (lack.length === 0) return undefined
  const why = whyAptCannot()
  if (why !== undefined) return `${lack.join(', ')} is not here: ${why}`
  process.stderr.write(`nexo: installing ${peer.title} from Debian (once) …\n`)
  const failed = installWithApt(peer.packages)
  if (failed !== undefined) return failed
  const still = lackOf(peer)
  return still.length === 0 ? undefined : `${still.join(', ')} is not here: apt-get left none behind`
}

// One JSON object on stdout: name of the peer → why it cannot be had. Everything else goes to stderr.
const missing = Object.fromEntries(
  process.argv.slice(2).flatMap((name) => {
    const why = ensure(name)
    return why === undefined ? [] : [[name, why]]
  }),
)
process.stdout.write(`${JSON.stringify(missing)}\n`)
