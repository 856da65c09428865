import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** On PATH, or where Debian puts what only root has on its. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}
