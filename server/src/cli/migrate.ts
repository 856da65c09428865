import { newestSqlite } from '../storage/migrations/sqlite.ts'
import { openStore } from '../storage/open.ts'
import { futureSentence, versionOfFile } from '../storage/sqlite/file.ts'
import { command } from './arguments.ts'
import { fileOf, placeOptions, refuseMissing, storeUrlOf } from './place.ts'

export const migrate = command({
  name: 'migrate',
  summary: 'brings the data of an earlier version to this one, with a backup first',
  options: { ...placeOptions, 'dry-run': { prose: 'only says what would be done' } },
  notes: [
    'A service that starts does the same. An embedded store is copied to FILE.v2-DATE.backup.db first; each step stands',
    'whole or not at all, so one that was killed is repeated. A database server migrates under a lock of its own; its',
    'backup is what nexo backup made with the version before.',
  ],
  async run(values, terminal) {
    const url = storeUrlOf(values)
    refuseMissing(url)
    const file = fileOf(url)
    const isDry = values['dry-run'] ?? false
    if (file === undefined) {
      const scheme = url.slice(0, url.indexOf(':'))
      if (isDry) throw new Error(`${scheme}: looking at the version of this store would migrate it already`)
      await (await openStore(url, terminal.err)).close()
      terminal.out(`${scheme}: the data is what this program writes`)
      return 0
    }
    const version = versionOfFile(file)
    if (version > newestSqlite) throw new Error(futureSentence(version))
    if (version === newestSqlite) {
      terminal.out(`${file}: the data is of version ${version} already, nothing is to be done`)
    } else if (isDry) {
      terminal.out(`${file}: the data is of version ${version} and would be migrated to ${newestSqlite}`)
    } else {
      await (await openStore(url, terminal.err)).close()
      terminal.out(`${file}: migrated from version ${version} to ${newestSqlite}`)
    }
    return 0
  },
})
