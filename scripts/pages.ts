import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { printPages } from './pages/print.ts'
import { readResults } from './pages/results.ts'

/** `npm run pages`: what is known of speed and reliability, from the lines in `bench/results`. */
const root = join(import.meta.dirname, '..')
const results = readResults(join(root, 'bench/results'))
const printed = printPages(results)
const plots = join(root, 'docs/plots')
mkdirSync(plots, { recursive: true })
for (const name of readdirSync(plots)) if (!printed.has(`docs/plots/${name}`)) rmSync(join(plots, name))
for (const [file, text] of printed) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
  process.stdout.write(`printed ${file}\n`)
}
for (const { place } of results.unknown) process.stderr.write(`${place}: no table can show this line\n`)
