import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'

/**
 * Holds the file for one process, by a lock on an empty database beside it (`-lock`) that the system lets go of when the
 * process dies. The file's own lock would keep our second connection out as well, the one that moves the log into it.
 * Throws SQLITE_BUSY when somebody holds it.
 * @returns lets go; whoever forgets it lets go when it is collected
 */
export function holdFile(file: string): () => void {
  // Nobody else can come to what lies in memory.
  if (file === ':memory:') return () => undefined
  const path = `${file}-lock`
  for (;;) {
    // Never opened and closed where it may be ours: closing any handle of a file ends a process's locks on it.
    if (!existsSync(path)) create(path)
    const before = inodeOf(path)
    const lock = locked(path)
    // Whoever held it until now took the file away: what we locked may be nobody's any more.
    if (before !== undefined && before === inodeOf(path)) return () => letGo(lock, path)
    lock.close()
  }
}

/** Throws SQLITE_BUSY when a process holds the file. */
export function refuseHeld(file: string): void {
  if (existsSync(`${file}-lock`)) holdFile(file)()
}

/** For its owner alone, as the data are. */
function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
}

function locked(path: string): Database.Database {
  const lock = new Database(path, { timeout: 1000 })
  try {
    // Nothing is ever written into it, so there is nothing to keep for a way back.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}

function letGo(lock: Database.Database, path: string): void {
  // Before the lock is gone: afterwards it might be the next holder's. Where open files cannot be removed, it stays.
  try {
    rmSync(path, { force: true })
  } finally {
    lock.close()
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino
