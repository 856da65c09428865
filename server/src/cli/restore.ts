import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Store } from '../core/ports.ts'
import { newestSqlite } from '../storage/migrations/sqlite.ts'
import { openStore } from '../storage/open.ts'
import { migrateCopy, versionOfFile } from '../storage/sqlite/file.ts'
import { openSqliteReader } from '../storage/sqlite.ts'
import { command, UsageError } from './arguments.ts'
import { fileOf, placeOptions, storeUrlOf } from './place.ts'
import { showMove } from './showing.ts'

export const restore = command({
  name: 'restore',
  summary: 'brings a backup into an empty store of any kind and compares them',
  options: {
    from: { value: 'FILE', prose: 'the backup; it stays as it is' },
    ...placeOptions,
    resume: { prose: 'goes on with a restore that was interrupted' },
  },
  notes: [
    'The store must be empty: move an embedded one aside first (mv data data.old). No service may run on it. A backup of',
    'an earlier version is migrated on a copy in the folder for temporary files.',
  ],
  async run(values, terminal) {
    if (values.from === undefined) throw new UsageError('--from FILE is needed')
    const url = storeUrlOf(values)
    const from = resolve(values.from)
    if (from === fileOf(url)) throw new UsageError('--from and the store are the same file')
    // From here on Ctrl-C is listened to.
    terminal.signal.throwIfAborted()
    const source = await openBackup(from, terminal.err)
    try {
      const target = await openStore(url)
      try {
        return await showMove(source, target, values.resume ?? false, terminal)
      } finally {
        await target.close()
      }
    } finally {
      await source.close()
    }
  },
})

async function openBackup(file: string, tell: (line: string) => void): Promise<Store> {
  const version = versionOfFile(file)
  if (version === 0) throw new Error(`${file} holds no data of Nexo IM`)
  if (version >= newestSqlite) return openSqliteReader(file)
  tell(`the backup is of version ${version}, this program writes ${newestSqlite}: a copy of it is migrated`)
  const folder = mkdtempSync(join(tmpdir(), 'nexo-restore-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, 'nexo.db')
    await migrateCopy(file, copy)
    const store = openSqliteReader(copy)
    return { ...store, close: () => store.close().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}
