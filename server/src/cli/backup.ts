import { resolve } from 'node:path'
import { askForCopy } from '../control.ts'
import { backUp } from '../moving/backup.ts'
import { compareStores } from '../moving/comparison.ts'
import { makeWhole } from '../moving/new-file.ts'
import { newTally } from '../moving/tally.ts'
import { newestSqlite } from '../storage/migrations/sqlite.ts'
import { openStore } from '../storage/open.ts'
import { copyFile, faultsOfFile, versionOfFile } from '../storage/sqlite/file.ts'
import { openSqliteReader } from '../storage/sqlite.ts'
import { command, type ExitCode, type Terminal, UsageError } from './arguments.ts'
import { fileOf, placeOptions, refuseMissing, storeUrlOf } from './place.ts'
import { showing, showTally, sizeOf, verdictLines, withTurns } from './showing.ts'
import { beside, placeOf, readWhole } from './soundness.ts'

export const backup = command({
  name: 'backup',
  summary: 'writes everything into one SQLite file, while the service runs or not',
  options: {
    to: { value: 'FILE', prose: 'the backup; it is there whole or not at all' },
    ...placeOptions,
    force: { prose: 'replaces a file that is there already' },
    'no-verify': { prose: 'does not read the backup in full afterwards' },
  },
  notes: [
    'A running service with an embedded store is asked for the copy and goes on meanwhile; this command checks it. MySQL is',
    'read as it stands at one moment. A store without such moments must be quiet meanwhile, else nothing is kept.',
    'The secret that signs tokens (token.secret) is not in it: without that file everybody signs in again.',
    'nexo restore brings a backup into an empty store of any kind.',
  ],
  async run(values, terminal) {
    if (values.to === undefined) throw new UsageError('--to FILE is needed')
    const to = resolve(values.to)
    const url = storeUrlOf(values)
    refuseMissing(url)
    const file = fileOf(url)
    const asked: Asked = { to, force: values.force ?? false, verify: values['no-verify'] === undefined }
    return file === undefined ? backUpServer(url, asked, terminal) : backUpFile(file, asked, terminal)
  },
})

const shownFaults = 20

interface Asked {
  readonly to: string
  readonly force: boolean
  readonly verify: boolean
}

async function backUpServer(
  url: string,
  { to, force, verify }: Asked,
  terminal: Terminal,
): Promise<ExitCode> {
  const store = await openStore(url)
  try {
    const tally = newTally()
    const verdict = await showTally(terminal, tally, () =>
      backUp(store, to, { force, compare: verify, signal: terminal.signal, tally }),
    )
    const isKept = verdict === undefined || verdict.isEqual
    if (verdict) for (const line of verdictLines(verdict)) terminal.out(line)
    terminal.out(
      isKept
        ? `${to}: ${sizeOf(to)}`
        : 'no backup is kept: this store cannot show one moment while it is written to; try again when it is quiet',
    )
    return isKept ? 0 : 1
  } finally {
    await store.close()
  }
}

async function backUpFile(file: string, { to, force, verify }: Asked, terminal: Terminal): Promise<ExitCode> {
  const faults: string[] = []
  let report = 'not verified'
  const isKept = await makeWhole(to, force, async (part) => {
    const isRunning = await copyPart(file, part, terminal)
    terminal.signal.throwIfAborted()
    if (!verify) return true
    // A file that nobody writes is compared with its copy; one that goes on cannot be.
    const found = await check(part, isRunning ? undefined : file, terminal)
    faults.push(...found.faults)
    report = found.report
    return faults.length === 0
  })
  for (const fault of faults.slice(0, shownFaults)) terminal.out(fault)
  if (faults.length > shownFaults) terminal.out(`and ${faults.length - shownFaults} more`)
  terminal.out(
    isKept
      ? `${to}: ${sizeOf(to)}, ${report}`
      : 'no backup is kept: the data is damaged, see above; --no-verify keeps a copy nevertheless',
  )
  return isKept ? 0 : 1
}

/** @returns whether a running service made the copy */
async function copyPart(file: string, part: string, terminal: Terminal): Promise<boolean> {
  let line: string | undefined
  const progress = (done: number, all: number): void => {
    terminal.signal.throwIfAborted()
    line = `copying: ${done.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} pages`
  }
  return showing(
    terminal,
    () => line,
    async () => {
      if (await askForCopy(file, part, progress, terminal.signal)) return true
      await copyFile(file, part, progress)
      return false
    },
  )
}

interface Checked {
  readonly faults: readonly string[]
  readonly report: string
}

async function check(part: string, source: string | undefined, terminal: Terminal): Promise<Checked> {
  const broken = faultsOfFile(part)
  if (broken.length > 0) return { faults: broken, report: '' }
  const version = versionOfFile(part)
  if (version !== newestSqlite)
    return { faults: [], report: `sound, of version ${version}: nexo restore migrates a copy of it` }
  const damaged = new Set<string>()
  const copy = withTurns(
    openSqliteReader(part, (what) => damaged.add(what)),
    terminal.signal,
  )
  try {
    let done = 0
    const logs = await showing(
      terminal,
      () => `verifying: ${done.toLocaleString('en-US')} messages`,
      () =>
        readWhole(copy, ({ messages }) => {
          done = messages
        }),
    )
    const faults = [
      ...logs.faults.map((fault) => `${placeOf(fault)} is damaged (${fault.problem}), see nexo verify`),
      ...beside(damaged, logs.faults).map((what) => `${what} is damaged, see nexo verify`),
    ]
    const report = `${logs.messages.toLocaleString('en-US')} messages in ${logs.conversations.toLocaleString('en-US')} conversations, verified`
    if (source === undefined || faults.length > 0) return { faults, report }
    const original = openSqliteReader(source)
    try {
      const { differences } = await compareStores(original, copy, newTally(), terminal.signal)
      return {
        faults: differences.map(({ place, problem }) => `${place} ${problem}`),
        report: `${report} and compared`,
      }
    } finally {
      await original.close()
    }
  } finally {
    await copy.close()
  }
}
