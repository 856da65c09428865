import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openapi } from '@nexo-im/protocol/openapi'
import { attackTable } from '../server/src/attacks/catalogue.ts'
import { families } from '../server/src/metrics/families.ts'

const root = join(import.meta.dirname, '..')
const metricsPage = join(root, 'docs/metrics.md')
const securityPage = join(root, 'docs/security.md')
const printed = [
  {
    file: join(root, 'protocol/generated/openapi.json'),
    text: `${JSON.stringify(openapi(), null, 2)}\n`,
  },
  { file: metricsPage, text: withTable(metricsPage, metricsTable()) },
  { file: securityPage, text: withTable(securityPage, attackTable()) },
]

/** `npm run print` renews what is printed from the code; `--check` only tells whether it is fresh. */
let stale = 0
for (const { file, text } of printed) {
  const before = read(file)
  if (before === text) continue
  if (process.argv.includes('--check')) {
    process.stderr.write(`${file} is not what the code prints: run "npm run print"\n`)
    stale += 1
  } else {
    mkdirSync(dirname(file), { recursive: true })
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

function metricsTable(): string {
  const rows = families.map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`
  })
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

/** A page whose table between the marks is this one. Throws when it has no marks. */
function withTable(file: string, table: string): string {
  const page = read(file) ?? ''
  const marks = /(<!-- printed by npm run print -->\n)[\s\S]*?(<!-- printed -->)/
  if (!marks.test(page)) throw new Error(`${file} has no place for the table: two marks of a comment`)
  return page.replace(marks, (_, before: string, after: string) => `${before}${table}\n${after}`)
}
