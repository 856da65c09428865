import { existsSync } from 'node:fs'
import path from 'node:path'
import { installWithApt, whyAptCannot } from './apt.mjs'

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
    why = installWithApt(packages)
    found = findChromium()
  }
  if (found !== undefined) return { path: found }
  return { missing: `no Chromium on PATH and no CHROMIUM_PATH: ${why ?? 'apt-get left none behind'}` }
}
