import path from 'node:path'
import { withAbsolutePaths } from './arguments.mjs'
import { ensureInstalled, environmentFor, node24Path, root } from './prepare.mjs'
import { exitWith, runInForeground } from './processes.mjs'

// Two programs, one terminal: Ctrl-C reaches both; when one ends by itself the other is ended too.
await exitWith(async () => {
  ensureInstalled()
  const node = node24Path()
  const env = environmentFor(node)
  const data = process.argv.some((arg) => arg.startsWith('--data'))
    ? []
    : ['--data', path.join(root, '.cache/dev')]
  const serve = ['--watch', '--watch-preserve-output', 'server/src/cli/main.ts', 'serve', ...data]
  const other = new AbortController()
  const both = [
    runInForeground(
      node,
      [...serve, ...withAbsolutePaths(process.argv.slice(2))],
      { cwd: root, env },
      other.signal,
    ),
    runInForeground(
      node,
      ['../node_modules/vite/bin/vite.js'],
      { cwd: path.join(root, 'web'), env },
      other.signal,
    ),
  ]
  const code = await Promise.race(both)
  other.abort()
  await Promise.all(both)
  return code
})
