import { ensureInstalled, node24Path } from './prepare.mjs'
import { exitWith } from './processes.mjs'
import { proveQuickly } from './proof/quick.mjs'

await exitWith(async () => {
  ensureInstalled()
  return proveQuickly(node24Path())
})
