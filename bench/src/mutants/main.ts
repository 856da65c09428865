import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeEnvironment } from '../environment.ts'
import { mutants } from './catalogue.ts'
import type { Mutant } from './mutant.ts'
import type { Verdict } from './report.ts'
import { openScratch, type Scratch } from './scratch.ts'
import { tried, type Watch } from './trial.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const usage = `usage: npm run mutants [-- id …] [--out FILE] [--list]

Plants bugs in a copy of the tree, one at a time, and runs the tests that must notice them.

  --out FILE   adds a line of JSON for each
  --list       only names them

Exit code 0 when each was caught, 1 otherwise, 2 for a word that means nothing.`

interface Options {
  readonly chosen: readonly Mutant[]
  readonly out: string | undefined
  readonly isList: boolean
}

/** Throws a plain sentence for an id that there is not. */
function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: 'string' }, list: { type: 'boolean', default: false } },
  })
  const unknown = positionals.filter((id) => !mutants.some((mutant) => mutant.id === id))
  if (unknown.length > 0) throw new Error(`no such bug: ${unknown.join(', ')}; --list names them`)
  const chosen = positionals.length === 0 ? mutants : mutants.filter(({ id }) => positionals.includes(id))
  return { chosen, out: values.out, isList: values.list }
}

interface Row extends Verdict {
  readonly id: string
  readonly what: string
  readonly seconds: number
}

/** What is red without any bug proves nothing: each set of suites is run once in the tree as it is. */
function soberLook(scratch: Scratch): (watch: Watch) => Promise<Verdict | undefined> {
  const known = new Map<string, Promise<Verdict | undefined>>()
  async function look(watch: Watch): Promise<Verdict | undefined> {
    const { outcome, by } = await tried(scratch.folder, watch)
    return outcome === 'survived'
      ? undefined
      : { outcome: 'unproven', by: `without any bug: ${by || outcome}` }
  }
  return ({ suites, chaos }) => {
    const name = JSON.stringify([suites, chaos])
    const found = known.get(name) ?? look({ ...(suites && { suites }), ...(chaos && { chaos }) })
    known.set(name, found)
    return found
  }
}

async function judged(scratch: Scratch, mutant: Mutant): Promise<Verdict> {
  try {
    await scratch.plant(mutant)
  } catch (error) {
    return { outcome: 'out of date', by: error instanceof Error ? error.message : String(error) }
  }
  try {
    return await tried(scratch.folder, mutant)
  } finally {
    await scratch.heal()
  }
}

function lineOf({ id, outcome, by, seconds }: Row): string {
  return `${outcome.toUpperCase().padEnd(11)} ${id.padEnd(26)} ${`${seconds}`.padStart(5)} s  ${by.split('\n')[0]}`
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = readOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  const { chosen, out, isList } = options
  if (isList) {
    process.stdout.write(`${chosen.map(({ id, what }) => `${id.padEnd(26)} ${what}`).join('\n')}\n`)
    return 0
  }
  const scratch = await openScratch(root)
  const rows: Row[] = []
  const environment = describeEnvironment()
  try {
    const sober = soberLook(scratch)
    for (const mutant of chosen) {
      const red = await sober(mutant)
      const began = performance.now()
      const verdict = red ?? (await judged(scratch, mutant))
      const seconds = Math.round((performance.now() - began) / 100) / 10
      // Of what it broke down with only the words: the rest names files of this machine.
      const by = verdict.by.split('\n')[0] ?? ''
      const row = { id: mutant.id, what: mutant.what, ...verdict, by, seconds }
      rows.push(row)
      process.stderr.write(`  ${lineOf(row)}\n`)
      if (out !== undefined) appendFileSync(out, `${JSON.stringify({ ...row, environment })}\n`)
    }
  } finally {
    scratch.remove()
  }
  const caught = rows.filter(({ outcome }) => outcome === 'caught').length
  process.stdout.write(
    `${rows.map(lineOf).join('\n')}\n\n${caught} of ${rows.length} planted bugs were caught\n`,
  )
  return caught === rows.length ? 0 : 1
}

// What runs is ended and the copy removed in `exit` handlers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main(process.argv.slice(2))
