import type { Store } from '../core/ports.ts'
import { openStore } from '../storage/open.ts'
import { makeFile, settleFile } from '../storage/sqlite/file.ts'
import { type MoveOptions, move, type Verdict } from './move.ts'
import { makeWhole } from './new-file.ts'

export interface BackupOptions extends Omit<MoveOptions, 'resume'> {
  /** Replaces a file that is there already. */
  readonly force?: boolean
  /** Told of pages, where the store can copy them. */
  readonly progress?: (done: number, all: number) => void
}

/**
 * Writes everything a store holds into a new SQLite file, while others go on writing: by the engine itself where that is
 * SQLite, else from a snapshot, else from the store, which must be quiet then. The file is there whole or not at all.
 * @returns what a comparison found, where the engine did not copy itself; the file is kept only if that was equal
 */
export async function backUp(
  store: Store,
  file: string,
  options: BackupOptions = {},
): Promise<Verdict | undefined> {
  let verdict: Verdict | undefined
  await makeWhole(file, options.force ?? false, async (part) => {
    if (store.copyTo) {
      await store.copyTo(part, options.progress ?? (() => undefined))
      return true
    }
    verdict = await copyThrough(store, part, options)
    return verdict.isEqual
  })
  return verdict
}

async function copyThrough(store: Store, part: string, options: BackupOptions): Promise<Verdict> {
  const { force: _, progress: __, ...moving } = options
  const snapshot = await store.snapshot?.()
  try {
    makeFile(part)
    const target = await openStore(`sqlite:${part}`)
    try {
      return await move(snapshot ?? store, target, moving)
    } finally {
      await target.close()
      settleFile(part)
    }
  } finally {
    await snapshot?.close()
  }
}
