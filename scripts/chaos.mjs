import { ensureInstalled, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'

/** The histories of a long round are judged as a whole: gigabytes of them. */
const histories = '--max-old-space-size=12288'

await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  return runInForeground(node, [histories, 'bench/src/chaos/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: environmentFor(node),
  })
})
