import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const records = '/var/lib/dpkg/status'

/** "23.01-1" of an installed package of Debian's, from its own records. */
export function debianVersion(name: string): string {
  const record = existsSync(records)
    ? readFileSync(records, 'utf8')
        .split('\n\n')
        .find((one) => one.startsWith(`Package: ${name}\n`))
    : undefined
  return /^Version: (.+)$/m.exec(record ?? '')?.[1] ?? 'of unknown version'
}

const program = fileURLToPath(new URL('../../../scripts/peers.mjs', import.meta.url))

/**
 * Makes sure of the programs that these peers need: installs Debian's packages where this is Debian and we are root.
 * Returns why a peer cannot be had, by its name.
 */
export async function ensurePeers(names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  if (names.length === 0) return {}
  const child = spawn(process.execPath, [program, ...names], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await once(child, 'close')
  return JSON.parse(printed) as Record<string, string>
}
