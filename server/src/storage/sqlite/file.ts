import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { migrateSqlite, newestSqlite } from '../migrations/sqlite.ts'
import { refuseHeld } from './lock.ts'

/**
 * Which version the data of a file has, without changing anything; 0 where there is none yet.
 * Throws a sentence for a file that is in use, damaged or missing.
 */
export function versionOfFile(file: string): number {
  if (!existsSync(file)) throw new Error(`there is no file ${file}`)
  return opened(file, true, (db) => {
    refuseHeld(file)
    return versionOf(db)
  })
}

export function versionOf(db: Database.Database): number {
  return db.pragma('user_version', { simple: true }) as number
}

/** For a file that this process holds. Throws for data of a later program, and leaves its file byte for byte as it is: even its kind of journal. */
export function refuseFuture(file: string): void {
  if (!existsSync(file)) return
  let version: number
  try {
    version = opened(file, true, versionOf)
  } catch (error) {
    // What a reader cannot open, the opening that follows judges: it can repair what a kill left behind.
    if (isInUse(error)) throw error
    return
  }
  if (version > newestSqlite) throw new Error(futureSentence(version))
}

export function futureSentence(version: number): string {
  return `the data is of version ${version}, this program knows ${newestSqlite}: start a newer Nexo IM on it`
}

/** Copies a file that nobody writes, page by page, whatever version its data have; nobody may begin meanwhile. */
export async function copyFile(from: string, to: string, progress: Progress): Promise<void> {
  let db: Database.Database | undefined
  try {
    db = new Database(from, { fileMustExist: true, timeout: 1000 })
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    await copyPages(db, to, progress)
  } catch (error) {
    throw explained(error, from)
  } finally {
    db?.close()
  }
}

/** The newest version of what an earlier program wrote, in a file of its own: the first one is only read. */
export async function migrateCopy(from: string, to: string): Promise<void> {
  const db = new Database(from, { readonly: true, fileMustExist: true, timeout: 1000 })
  try {
    await copyPages(db, to, () => undefined)
  } finally {
    db.close()
  }
  opened(to, false, (copy) => migrateSqlite(copy))
}

/** @param done pages, of which there are `all`; either may rise meanwhile */
export type Progress = (done: number, all: number) => void

/**
 * Writes everything into a new file, a hundred pages in a turn. What the same connection writes meanwhile goes into both, so
 * the copy is what stands when the last page is written.
 */
export async function copyPages(db: Database.Database, to: string, progress: Progress): Promise<void> {
  makeFile(to)
  await db.backup(to, {
    progress: ({ totalPages, remainingPages }) => {
      progress(totalPages - remainingPages, totalPages)
      return 100
    },
  })
  settleFile(to)
}

/** An empty file for people's messages: nobody else may read it. Throws where there is one already. */
export function makeFile(file: string): void {
  closeSync(openSync(file, 'wx', 0o600))
}

/** Makes a file that is complete without companions (`-wal`), and durable. */
export function settleFile(file: string): void {
  opened(file, false, (db) => db.pragma('journal_mode = DELETE'))
  const handle = openSync(file, 'r+')
  fsyncSync(handle)
  closeSync(handle)
  syncFolder(dirname(file))
}

/** What the engine finds wrong with a file; nothing where it is sound. */
export function faultsOfFile(file: string): string[] {
  const found = opened(file, true, (db) => {
    refuseHeld(file)
    return db.prepare('PRAGMA integrity_check(5)').pluck().all()
  }) as string[]
  return found.filter((line) => line !== 'ok')
}

/** The folder entry of a new file is durable only once the folder is. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function opened<T>(file: string, readonly: boolean, use: (db: Database.Database) => T): T {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly, fileMustExist: true, timeout: 1000 })
    return use(db)
  } catch (error) {
    throw explained(error, file)
  } finally {
    db?.close()
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? ''

const isInUse = (error: unknown): boolean => codeOf((error as Error).cause).startsWith('SQLITE_BUSY')

export function explained(error: unknown, file: string): Error {
  const code = codeOf(error)
  const said = (words: string): Error => new Error(`${file} ${words}`, { cause: error })
  if (code.startsWith('SQLITE_BUSY'))
    return said('is in use by another process; stop it or choose another data folder')
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return said('is damaged; restore it from a backup')
  if (code.startsWith('SQLITE_FULL')) return said('cannot grow: the disk is full')
  return error as Error
}
