import { spawnSync } from 'node:child_process'
import { root } from './prepare.mjs'

/**
 * `npm audit`, which asks the registry for known holes of what the lockfile names. Ends with 1 for a high or critical
 * one; with 2, and the reason, where the registry cannot be asked: nothing is known then.
 */
const { stdout, error } = spawnSync('npm', ['audit', '--json'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
})

/** @returns {{ message?: string, metadata?: { vulnerabilities?: Record<string, number> } }} */
function answer() {
  try {
    return JSON.parse(stdout)
  } catch {
    return { message: error?.message ?? 'npm said nothing that can be read' }
  }
}

const { message, metadata } = answer()
const counts = metadata?.vulnerabilities
if (counts === undefined) {
  // Without the address: it is whoever runs this who knows their registry.
  const why = (message ?? 'no reason given').replace(/ - [A-Z]+ \S+|\bhttps?:\S+/g, '')
  process.stderr.write(`audit: the registry cannot be asked (${why}); nothing is known\n`)
  process.exitCode = 2
} else {
  const found = Object.entries(counts).filter(([kind, count]) => kind !== 'total' && count > 0)
  const words = found.map(([kind, count]) => `${count} ${kind}`).join(', ')
  process.stdout.write(`audit: ${words === '' ? 'nothing known' : words}\n`)
  process.exitCode = (counts['high'] ?? 0) + (counts['critical'] ?? 0) > 0 ? 1 : 0
}
