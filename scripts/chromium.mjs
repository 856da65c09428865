import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]
const packages = ['chromium', 'fonts-noto-cjk', 'fonts-noto-color-emoji']

/**
 * The browser the end-to-end tests drive: CHROMIUM_PATH, else the first one found on this machine.
 * @returns {string | undefined}
 */
export function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const onPath = folders.flatMap((folder) => names.map((name) => path.join(folder, name)))
  return [...onPath, ...elsewhere].find((file) => existsSync(file))
}

/** Debian's package manager can only be asked by root. */
function whyAptCannot() {
  if (!existsSync('/etc/debian_version')) return 'this is not Debian, so it cannot be installed for you'
  if (process.getuid?.() !== 0) return 'only root may install it'
  return undefined
}

/** @returns {string | undefined} why it failed, with the end of what apt-get said; the whole stays in a file */
function installWithApt() {
  const log = path.join(tmpdir(), `nexo-chromium-${process.pid}.log`)
  const output = openSync(log, 'w')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const steps = [['update'], ['install', '-y', '--no-install-recommends', ...packages]]
  const failed = steps.find(
    (args) => spawnSync('apt-get', args, { env, stdio: ['ignore', output, output] }).status !== 0,
  )
  closeSync(output)
  if (failed !== undefined)
    return `apt-get ${failed[0]} failed (${log}):\n${readFileSync(log, 'utf8').slice(-4000)}`
  rmSync(log)
  return undefined
}

/**
 * Makes sure that a browser is there, installing Debian's where that is possible.
 * @param {(line: string) => void} log
 * @returns {{ path: string } | { missing: string }} where it is, or why there is none
 */
export function ensureChromium(log) {
  let why = whyAptCannot()
  let found = findChromium()
  if (found === undefined && why === undefined) {
    log('installing Chromium and fonts from Debian (once) …')
    why = installWithApt()
    found = findChromium()
  }
  if (found !== undefined) return { path: found }
  return { missing: `no Chromium on PATH and no CHROMIUM_PATH: ${why ?? 'apt-get left none behind'}` }
}
