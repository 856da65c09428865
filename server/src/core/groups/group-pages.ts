import { ImError } from '@nexo-im/protocol'

/** Rows of a page, unless a limit is given. */
export const pageRows = 100

/** A position of the log as a cursor says it. Throws 1001 for anything we never gave out. */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (!/^\d{1,16}$/.test(cursor)) throw new ImError('invalid_parameter', { detail: 'cursor: none of ours' })
  return Number(cursor)
}

/** A page of at most `limit` out of rows of which one more was asked for than fits. */
export function pageOf<T, S>(
  rows: readonly T[],
  limit: number,
  show: (row: T) => S,
  cursorOf: (row: T) => string,
): { list: S[]; next_cursor?: string } {
  const list = rows.slice(0, limit)
  const last = list.at(-1)
  const more = rows.length > limit && last !== undefined
  return { list: list.map(show), ...(more && { next_cursor: cursorOf(last) }) }
}
