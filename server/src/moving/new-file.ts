import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '../storage/sqlite/file.ts'

/**
 * Makes a file that is there whole or not at all: it is written under another name beside its place, and takes its own
 * when everything is durable. Throws where there is one already, unless `force` is given; that one stays until then.
 * @param make writes `part` and says whether it is to be kept
 */
export async function makeWhole(
  file: string,
  force: boolean,
  make: (part: string) => Promise<boolean>,
): Promise<boolean> {
  refuseExisting(file, force)
  if (!existsSync(dirname(file))) throw new Error(`there is no folder ${dirname(file)}`)
  sweep(file)
  const part = `${file}.part-${process.pid}`
  try {
    if (!(await make(part))) return false
    refuseExisting(file, force)
    renameSync(part, file)
    syncFolder(dirname(file))
    return true
  } finally {
    removeFile(part)
  }
}

function refuseExisting(file: string, force: boolean): void {
  if (!force && existsSync(file))
    throw new Error(`${file} is there already: choose another name, or replace it with --force`)
}

/** What processes left behind that are gone. */
function sweep(file: string): void {
  const start = `${basename(file)}.part-`
  for (const name of readdirSync(dirname(file))) {
    if (!name.startsWith(start)) continue
    const pid = Number.parseInt(name.slice(start.length), 10)
    if (pid === process.pid || !isAlive(pid)) rmSync(join(dirname(file), name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

function removeFile(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(file + end, { force: true })
}
