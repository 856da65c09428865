import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Debian's package manager can only be asked by root. */
export function whyAptCannot() {
  if (!existsSync('/etc/debian_version')) return 'this is not Debian, so it cannot be installed for you'
  if (process.getuid?.() !== 0) return 'only root may install it'
  return undefined
}

const policy = '/usr/sbin/policy-rc.d'
const mark = 'written by the tests of Nexo IM'

/**
 * Debian starts a server as soon as its package is there, nginx even on port 80 for everybody; we want the
 * program alone. Debian asks this script first, and ours only says no while we live: left behind, it is idle.
 * @template T
 * @param {() => T} work
 */
function withoutDaemons(work) {
  if (existsSync(policy) && !readFileSync(policy, 'utf8').includes(mark)) return work()
  writeFileSync(
    policy,
    `#!/bin/sh\n# ${mark}: may be deleted\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`,
    { mode: 0o755 },
  )
  try {
    return work()
  } finally {
    rmSync(policy, { force: true })
  }
}

/**
 * Installs packages, never by removing others and without starting their daemons.
 * @param {readonly string[]} packages
 * @returns {string | undefined} why it failed, with the end of what apt-get said; the whole stays in a file
 */
export function installWithApt(packages) {
  const log = path.join(tmpdir(), `nexo-apt-${process.pid}.log`)
  const output = openSync(log, 'w')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-y', '--no-install-recommends', '--no-remove', ...packages]
  // Another apt-get may be at work on this machine: wait for it, in seconds.
  const steps = [['update'], ['-o', 'DPkg::Lock::Timeout=120', ...install]]
  const failed = withoutDaemons(() =>
    steps.find((args) => spawnSync('apt-get', args, { env, stdio: ['ignore', output, output] }).status !== 0),
  )
  closeSync(output)
  if (failed !== undefined)
    return `apt-get ${failed.includes('install') ? 'install' : 'update'} failed (${log}):\n${readFileSync(log, 'utf8').slice(-4000)}`
  rmSync(log)
  return undefined
}
