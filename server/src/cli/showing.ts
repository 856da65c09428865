import { statSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { Store } from '../core/ports.ts'
import type { Difference } from '../moving/comparison.ts'
import { ForeignTarget } from '../moving/filling.ts'
import { move, type Verdict } from '../moving/move.ts'
import { newTally, type Tally, tallyLine } from '../moving/tally.ts'
import type { ExitCode, Terminal } from './arguments.ts'

const showPeriod = 1000

/** Shows how something goes, about once a second, until it is done or fails. */
export async function showing<T>(
  terminal: Terminal,
  line: () => string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  let isOpen = false
  const timer = setInterval(() => {
    const text = line()
    if (text === undefined) return
    if (terminal.isLive) process.stderr.write(`\r\u001b[K${text}`)
    else terminal.err(text)
    isOpen = terminal.isLive
  }, showPeriod)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    if (isOpen) process.stderr.write('\r\u001b[K')
  }
}

/** The same for what counts as it goes. */
export function showTally<T>(terminal: Terminal, tally: Tally, work: () => Promise<T>): Promise<T> {
  let phase: Tally['phase'] | undefined
  let beganAt = performance.now()
  const line = (): string => {
    if (tally.phase !== phase && phase !== undefined) beganAt = performance.now() - showPeriod
    phase = tally.phase
    return tallyLine(tally, (performance.now() - beganAt) / 1000)
  }
  return showing(terminal, line, work)
}

/** Moves, shows how it goes and what came of it; what goes wrong on the way can be gone on with. */
export async function showMove(
  from: Store,
  to: Store,
  resume: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const { signal } = terminal
  const tally = newTally()
  try {
    const verdict = await showTally(terminal, tally, () => move(from, to, { resume, signal, tally }))
    for (const line of verdictLines(verdict)) terminal.out(line)
    return verdict.isEqual ? 0 : 1
  } catch (error) {
    if (tally.phase !== 'counting' && !(error instanceof ForeignTarget))
      terminal.err('interrupted: the same command with --resume goes on')
    throw error
  }
}

/** A store whose logs are read for a long time: it lets signals and progress in, and ends when told to. */
export function withTurns(store: Store, signal?: AbortSignal): Store {
  return {
    ...store,
    read: async (...place) => {
      await turn()
      signal?.throwIfAborted()
      return store.read(...place)
    },
  }
}

/** What was found, for people: a table of counts and the digest, or every difference with its place. */
export function verdictLines({ isEqual, positions: [before, after], comparison }: Verdict): string[] {
  if (!comparison) return before === after ? ['copied; not compared'] : [quietSentence(before, after)]
  const { parts, conversations, digest, differences, differencesInAll } = comparison
  if (!isEqual) {
    return [
      ...differences.map(({ place, problem }: Difference) => `${place} ${problem}`),
      ...(differencesInAll > differences.length ? [`and ${differencesInAll - differences.length} more`] : []),
      ...(before === after ? [] : [quietSentence(before, after)]),
      differencesInAll > 0 ? 'not equal' : 'equal so far, but not finished',
    ]
  }
  const full = parts.filter(({ count }) => count > 0)
  const width = Math.max(...full.map(({ name }) => name.length), 'conversations'.length)
  const row = (name: string, count: number, hash: string): string =>
    `  ${name.padEnd(width)}  ${count.toLocaleString('en-US').padStart(13)}  ${hash}`.trimEnd()
  return [
    ...full.map(({ name, count, digest: hash }) => row(name, count, hash.slice(0, 16))),
    row('conversations', conversations, ''),
    `  sha256 of all  ${digest}`,
    'equal',
  ]
}

function quietSentence(before: number, after: number): string {
  return (
    `the source was written to meanwhile (position ${before} before, ${after} after): ` +
    'stop the services that write to it and run the same command with --resume'
  )
}

/** `12.3 MB`, of a file. */
export function sizeOf(file: string): string {
  const { size } = statSync(file)
  const [unit, name] = size < 1e6 ? [1e3, 'kB'] : size < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  return `${(size / unit).toFixed(1)} ${name}`
}
