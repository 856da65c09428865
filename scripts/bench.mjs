import { ensureInstalled, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'

await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  const [word, ...rest] = process.argv.slice(2)
  const program =
    word === 'compare'
      ? ['bench/src/peers/main.ts', ...rest]
      : ['bench/src/main.ts', ...process.argv.slice(2)]
  return runInForeground(node, program, {
    cwd: root,
    env: environmentFor(node),
  })
})
