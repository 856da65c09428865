import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openapi } from '@nexo-im/protocol/openapi'

const folder = join(import.meta.dirname, '../protocol/generated')
const printed = [{ file: join(folder, 'openapi.json'), text: `${JSON.stringify(openapi(), null, 2)}\n` }]

/** `npm run print` renews what is printed from the contract; `--check` only tells whether it is fresh. */
let stale = 0
for (const { file, text } of printed) {
  const before = read(file)
  if (before === text) continue
  if (process.argv.includes('--check')) {
    process.stderr.write(`${file} is not what the contract prints: run "npm run print"\n`)
    stale += 1
  } else {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text)
    process.stdout.write(`printed ${file}\n`)
  }
}
process.exitCode = stale

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
