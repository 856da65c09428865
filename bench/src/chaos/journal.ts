import { closeSync, openSync, writeSync } from 'node:fs'
import type { Event } from '../checker/history.ts'

/** Microseconds of the host's monotonic clock. */
export function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/** The part of an event that is its own: client and clock are the journal's. */
export type Entry = Event extends infer E
  ? E extends Event
    ? Pick<E, 'op' | 'args' | 'result'>
    : never
  : never

/** One client's history. Lines are written before the call returns, so a send stands there before its bytes leave. */
export interface Journal {
  /** `invoked` = now unless given; `ended` = false leaves the operation open. */
  write(entry: Entry, invoked?: number, ended?: boolean): void
  close(): void
}

export function openJournal(path: string, client: string): Journal {
  const file = openSync(path, 'wx')
  return {
    write: (entry, invoked, ended = true) => {
      const now = microseconds()
      const line = { t_invoke: invoked ?? now, t_return: ended ? now : null, client, ...entry }
      writeSync(file, `${JSON.stringify(line)}\n`)
    },
    close: () => closeSync(file),
  }
}
