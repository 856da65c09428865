import { statSync } from 'node:fs'
import type Database from 'better-sqlite3'

/** Of the file that is mapped: a page of messages lies in as many places as other people wrote in between. */
const limits = [2_147_418_112, 2_147_352_576] as const
/** Bytes of growth that are worth mapping it anew, and an eighth of what is mapped. */
const leastGrowth = 2 ** 22

/** The part of a file that is read without a call for each page. */
export interface FileMap {
  /** After somebody else than this connection may have made the file grow. */
  widen(): void
}

/** Maps all of the file; one in memory has no size, and no map. */
export function openMap(db: Database.Database, file: string): FileMap {
  const size = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let turn = 0
  let mapped = 0

  function map(bytes: number): void {
    mapped = bytes
    // What lies behind the end of a map is read as without one, and only for another limit SQLite maps it anew.
    db.pragma(`mmap_size = ${limits[turn++ % 2]}`)
  }

  map(size())
  return {
    widen: () => {
      const bytes = size()
      if (bytes >= mapped + leastGrowth + mapped / 8) map(bytes)
    },
  }
}
