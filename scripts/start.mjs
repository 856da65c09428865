import { withAbsolutePaths } from './arguments.mjs'
import { ensureInstalled, ensureWebBuilt, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'

await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  ensureWebBuilt()
  const serve = ['server/src/cli/main.ts', 'serve', ...withAbsolutePaths(process.argv.slice(2))]
  return runInForeground(node, serve, { cwd: root, env: environmentFor(node) })
})
