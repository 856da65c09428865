import { ensureInstalled, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'

await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  return runInForeground(node, ['bench/src/mutants/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: environmentFor(node),
  })
})
