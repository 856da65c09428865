import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { settleFile, syncFolder } from '../sqlite/file.ts'

/**
 * Keeps the data as they are before they are migrated, in `FILE.v2-2026-11-25-130500.backup.db` beside their file: whole and
 * durable, or not at all. A migration that is killed again and again keeps one, not one each time.
 * @returns the file that holds them
 */
export function keepBefore(db: Database, file: string, version: number, now: Date): string {
  const start = `${basename(file)}.v${version}-`
  const folder = dirname(file)
  const part = join(folder, `${start}backup.part`)
  rmSync(part, { force: true })
  db.prepare('VACUUM INTO ?').run(part)
  settleFile(part)
  const earlier = readdirSync(folder)
    .filter((name) => name.startsWith(start) && name.endsWith('.backup.db'))
    .map((name) => join(folder, name))
    .find((kept) => isSame(kept, part))
  if (earlier !== undefined) {
    rmSync(part)
    return earlier
  }
  const kept = join(folder, `${start}${stamp(now)}.backup.db`)
  renameSync(part, kept)
  syncFolder(folder)
  return kept
}

/** Whether somebody's data are in it; a file that was only made is migrated without a copy. */
export function holdsData(db: Database): boolean {
  return ['im_user', 'im_message'].some(
    (table) => db.prepare(`SELECT 1 FROM "${table}" LIMIT 1`).get() !== undefined,
  )
}

/** `2026-11-25-130500`, in UTC. */
function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
}

function isSame(a: string, b: string): boolean {
  return statSync(a).size === statSync(b).size && digestOfFile(a) === digestOfFile(b)
}

function digestOfFile(file: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(1_048_576)
  const handle = openSync(file, 'r')
  try {
    for (;;) {
      const read = readSync(handle, piece)
      if (read === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, read))
    }
  } finally {
    closeSync(handle)
  }
}
